/* ber.h - the part of BER (X.690) that SNMP uses (RFC 3417 section 8): a bounded reader and a
 * backward writer.
 *
 * The reader takes what devices send and snmpd takes, too: lengths in long form (up to four bytes
 * of length), padded integers and object numbers, an empty object identifier (0.0). It refuses the
 * indefinite length, tags of more than one byte, what runs past its container, integers outside 32
 * bits (Counter64: 64), object numbers past 2^32 - 1 and more than OID_NUMBERS_MAX of them. The
 * writer writes the shortest form only. No allocation. */
#pragma once
#include "wire/oid.h"

/* What is left to read. Readers return false on malformed bytes and then leave the cursor anywhere.
 */
struct ber_reader {
	const uint8_t *next, *end;
};
/* Take the header of the next element; its content becomes *ret_content. */
bool ber_read(struct ber_reader *reader, uint8_t *ret_tag, struct ber_reader *ret_content);
/* The same, where the tag must be `tag`. */
bool ber_read_tag(struct ber_reader *reader, uint8_t tag, struct ber_reader *ret_content);
bool ber_read_int(struct ber_reader *reader, int32_t *ret); /* INTEGER */
bool ber_content_int(const struct ber_reader *content, int32_t *ret);
/* Counter32, Gauge32, TimeTicks (max UINT32_MAX), Counter64 (max UINT64_MAX). Agents that forget
 * the leading zero byte or send a negative number mean its two's complement bits, which are
 * returned. */
bool ber_content_unsigned(const struct ber_reader *content, uint64_t max, uint64_t *ret);
bool ber_content_oid(const struct ber_reader *content, struct oid *ret);

/* Writes from the end of a caller's buffer towards its start, so that lengths are known when
 * headers are written. */
struct ber_writer {
	uint8_t *start, *next; /* the bytes written are [next, end) */
	uint8_t *end;
	bool has_failed; /* no room: sticky */
};
void ber_writer_init(struct ber_writer *writer, void *buffer, size_t size);
size_t ber_writer_size(const struct ber_writer *writer);
void ber_write_bytes(struct ber_writer *writer, const void *data, size_t size);
void ber_write_int(struct ber_writer *writer, uint8_t tag, int32_t value);
void ber_write_unsigned(struct ber_writer *writer, uint8_t tag, uint64_t value);
/* An oid without oid_has_encoding() fails the writer; one of 0 or 1 numbers is filled up with
 * zeros. */
void ber_write_oid(struct ber_writer *writer, uint8_t tag, const struct oid *oid);
void ber_write_text(struct ber_writer *writer, uint8_t tag, const void *data, size_t size);
/* The header for what was written since `mark` = ber_writer_size() at that time. */
void ber_write_header(struct ber_writer *writer, uint8_t tag, size_t mark);
