/* sample.h - the profiles that the tests of this room share. */
#pragma once
#include "base/text.h"
#include "profile/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DD "1.3.6.1.4.1.8072.9999.9999.1"

/* A small family that is not ours: one slot, one protocol, no reasons. */
#define SMALL                                                                           \
	"profile: small\n"                                                              \
	"description: a small family\n"                                                 \
	"oids:\n"                                                                       \
	"  a: 1.3.6.1.4.1.99999\n"                                                      \
	"  b: ${a}.1\n"                                                                 \
	"match:\n"                                                                      \
	"  object_id: [1.3.6.1.4.1.99999.7]\n"                                          \
	"  description: Small *\n"                                                      \
	"protocols: [tftp]\n"                                                           \
	"slots: 1\n"                                                                    \
	"limits: {name: 40, files: 2}\n"                                                \
	"management:\n"                                                                 \
	"  survives: false\n"                                                           \
	"  factory: {address: 192.0.2.1, community: factory}\n"                         \
	"facts:\n"                                                                      \
	"  version: ${b}.1.0\n"                                                         \
	"configuration:\n"                                                              \
	"  formats:\n"                                                                  \
	"    1:\n"                                                                      \
	"      parser: ini\n"                                                           \
	"      categories: {user_data: [u.*], port_data: [], protocol_parameters: [], " \
	"default_parameters: ['*']}\n"                                                  \
	"status:\n"                                                                     \
	"  ticket: ${b}.2.0\n"                                                          \
	"  state: ${b}.3.0\n"                                                           \
	"  states: {1: running, 2: done, 3: failed}\n"                                  \
	"operations:\n"                                                                 \
	"  fetch:\n"                                                                    \
	"    repeat: never\n"                                                           \
	"    set:\n"                                                                    \
	"      - ${b}.4.0 u ${ticket}\n"                                                \
	"      - ${b}.5.0 a ${server}\n"                                                \
	"      - ${b}.6.0 s flash:/${files}@${server}:${server.port}\n"                 \
	"      - ${b}.7.0 i -5\n"                                                       \
	"      - ${b}.8.0 x 00ffA0\n"                                                   \
	"      - ${b}.9.0 o ${a}.3\n"                                                   \
	"      - ${b}.10.0 t 7\n"                                                       \
	"      - ${b}.11.0 s ${content} ${size}\n"                                      \
	"      - ${b}.12.0 s\n"                                                         \
	"      - ${b}.13.0 i ${size}\n"

static inline struct profile *
profile_of(const char *text)
{
	struct profile *profile = NULL;
	struct err err = { 0 };

	if (profile_load("p.yaml", text, strlen(text), &profile, &err) < 0)
		fail_msg("%s", err.text);
	return profile;
}

/* The profile that Drydock comes with. */
static inline struct profile *
own_profile(void)
{
	char path[4096], *text = calloc(1, 1 << 20);
	const size_t top = strlen(__FILE__) - strlen("tests/unit/profile/sample.h");

	assert_non_null(text);
	assert_true(text_print(path, sizeof(path), "%.*sprofiles/drydock-agent.yaml", (int)top,
			       __FILE__));
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		fail_msg("can't open %s", path);
	assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
	(void)fclose(file); /* it was only read */
	struct profile *profile = profile_of(text);
	free(text);
	return profile;
}

static inline struct oid
oid_of(const char *text)
{
	struct oid oid;

	assert_int_equal(oid_parse(text, &oid, NULL), 0);
	return oid;
}

static inline const struct snmp_value *
asked(const struct snmp_pdu *pdu, const char *name)
{
	const struct oid oid = oid_of(name);
	const struct snmp_varbind *varbind = snmp_pdu_find(pdu, &oid);

	if (varbind == NULL)
		fail_msg("%s is not in the pdu", name);
	return &varbind->value;
}

/* ---- making answers ---- */

static inline struct snmp_value *
add(struct snmp_pdu *answer, const char *name, uint8_t type)
{
	const struct oid oid = oid_of(name);
	struct snmp_varbind *varbind = snmp_pdu_add(answer, &oid, type);

	assert_non_null(varbind);
	return &varbind->value;
}

static inline void
add_int(struct snmp_pdu *answer, const char *name, int32_t number)
{
	add(answer, name, SNMP_INTEGER)->integer = number;
}

static inline void
add_gauge(struct snmp_pdu *answer, const char *name, uint64_t number)
{
	add(answer, name, SNMP_GAUGE32)->number = number;
}

static inline void
add_bytes(struct snmp_pdu *answer, const char *name, const void *data, size_t size)
{
	add(answer, name, SNMP_OCTETS)->octets = (struct slice){ data, size };
}

static inline void
add_text(struct snmp_pdu *answer, const char *name, const char *text)
{
	add_bytes(answer, name, text, strlen(text));
}
