/* status.c - what a device says of its last command: asked for, or told by itself. */
#include "base/text.h"
#include "profile/room.h"

#include <string.h>

void
profile_status_ask(const struct profile *profile, enum operation operation,
		   struct snmp_pdu *ret_get)
{
	const struct status_rule *rule = &profile->status;

	(void)operation; /* one status for all of them */
	pdu_begin(ret_get, SNMP_GET);
	pdu_ask(ret_get, rule->ticket);
	pdu_ask(ret_get, rule->state);
	pdu_ask(ret_get, rule->reason);
	pdu_ask(ret_get, rule->text);
	pdu_ask(ret_get, rule->bytes);
}

/* The device's own number for why, as a reason of ours; the words are the device's, else the
 * profile's, else ours. */
static void
read_failure(const struct profile *profile, const struct snmp_pdu *answer,
	     struct operation_status *status)
{
	const struct status_rule *rule = &profile->status;
	const char *words = "";
	int64_t number = 0;

	status->reason = REASON_DEVICE_FAILED;
	if (value_number(pdu_value(answer, rule->reason), &number)) {
		for (unsigned i = 0; i < rule->reasons_count; i++) {
			if (rule->reasons[i].number == number) {
				status->reason = (enum reason)rule->reasons[i].kind;
				words = rule->reasons[i].text;
			}
		}
	}
	if (words[0] == '\0')
		words = reason_sentence(status->reason);
	(void)value_text(pdu_value(answer, rule->text), status->text, sizeof(status->text));
	if (status->text[0] == '\0')
		(void)text_copy(status->text, sizeof(status->text), words); /* cut: for people */
}

int
profile_status_read(const struct profile *profile, enum operation operation, uint32_t ticket,
		    const struct snmp_pdu *answer, struct operation_status *ret_status,
		    struct err *err)
{
	const struct status_rule *rule = &profile->status;
	struct operation_status status = { .kind = STATUS_ABSENT };
	int64_t number = 0, bytes = 0;

	(void)operation;
	if (answer->error_status != SNMP_NO_ERROR)
		return err_set(err, AT, DD_ENOTFOUND, "the device answered %s",
			       snmp_error_name(answer->error_status));
	if (!value_number(pdu_value(answer, rule->ticket), &number) || number < 0 ||
	    number > UINT32_MAX)
		return err_set(err, AT, DD_ENOTFOUND,
			       "the device does not tell the ticket of its last command");
	status.ticket = (uint32_t)number;
	if (status.ticket != ticket) {
		*ret_status = status;
		return 0;
	}
	if (!value_number(pdu_value(answer, rule->state), &number))
		return err_set(err, AT, DD_ENOTFOUND, "the device does not tell its state");
	if (!status_kind_of(profile, number, &status.kind))
		return err_set(err, AT, DD_EUNSUPPORTED,
			       "the device is in state %lld, which profile %s does not know",
			       (long long)number, profile->name);
	if (status.kind == STATUS_FAILED)
		read_failure(profile, answer, &status);
	if (value_number(pdu_value(answer, rule->bytes), &bytes) && bytes > 0)
		status.bytes = (uint64_t)bytes;
	*ret_status = status;
	return 0;
}

static bool
is_name(const struct oid *name, const struct oid *known)
{
	return known != NULL && oid_compare(name, known) == 0;
}

bool
profile_notice_read(const struct profile *profile, const struct oid *name,
		    const struct snmp_pdu *pdu, struct operation_notice *ret_notice)
{
	const struct notice_rule *rule = &profile->notice;
	struct operation_notice notice = { .has_failed = is_name(name, rule->failed) };
	int64_t ticket = 0;

	if (!notice.has_failed && !is_name(name, rule->succeeded))
		return false;
	if (value_number(pdu_value(pdu, rule->ticket), &ticket) && ticket > 0 &&
	    ticket <= UINT32_MAX)
		notice.ticket = (uint32_t)ticket;
	(void)value_text(pdu_value(pdu, rule->text), notice.text, sizeof(notice.text));
	*ret_notice = notice;
	return true;
}
