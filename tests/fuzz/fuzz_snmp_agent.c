/* fuzz_snmp_agent.c - whatever comes to an agent: no crash, and its answer is a Response that can
 * be read.
 *
 * The first two bytes choose the room for the answer; the rest is the datagram, which comes twice.
 */
#include "../unit/snmp/table.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool is_true)
{
	if (!is_true)
		abort();
}

static void
check_answer(const struct snmp_agent *agent, const uint8_t *answer, size_t used, size_t room)
{
	static struct snmp_message reply;

	check(used <= room && used <= SNMP_AGENT_ANSWER_MAX);
	if (used == 0)
		return;
	check(snmp_decode(answer, used, &reply, NULL) == 0);
	check(reply.pdu.type == SNMP_RESPONSE);
	check(reply.pdu.request_id == agent->request.pdu.request_id);
	check(reply.pdu.error_index >= 0);
	check(reply.pdu.error_index == 0 || (uint32_t)reply.pdu.error_index <= reply.pdu.count);
	for (unsigned i = 0; reply.version == SNMP_V1 && i < reply.pdu.count; i++)
		check(reply.pdu.error_status != SNMP_NO_ERROR ||
		      agent->request.pdu.type == SNMP_SET ||
		      (reply.pdu.varbind[i].value.type != SNMP_COUNTER64 &&
		       !snmp_value_is_exception(&reply.pdu.varbind[i].value)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct table table;
	static struct snmp_agent agent;
	static uint8_t answer[SNMP_MESSAGE_MAX];
	const struct addr peer = { .family = ADDR_IPV4, .port = 161 };

	if (size < 2)
		return 0;
	const size_t room = (size_t)(data[0] << 8 | data[1]) % sizeof(answer);
	if (table.count == 0 || table.commits > 0) /* only then: it takes longer than the rest */
		table_init(&table);
	memset(agent.recent, 0, sizeof(agent.recent));
	table_serve(&table, &agent);

	for (int i = 0; i < 2; i++) {
		const size_t used =
			snmp_agent_answer(&agent, &peer, 1000, data + 2, size - 2, answer, room);
		check_answer(&agent, answer, used, room);
	}
	check(table.commits <= 1);
	return 0;
}
