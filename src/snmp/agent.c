/* agent.c - one request in, at most one response out.
 *
 *   decode -> community -> SET: seen before? -> work -> encode -> SET: remember
 *                          GET, GETNEXT, GETBULK: -> work -> encode */
#include "snmp/agent.h"
#include <assert.h>
#include <string.h>

enum {
	SCRATCH_SIZE = 256, /* of objects.get() */
	NO_ROOM = -1,       /* the response's strings are too many */
};

/* ---- who may ask ---- */

/* Equal in a time that does not depend on where they differ. An empty community is nobody's. */
static bool
community_is(struct slice community, const char *wanted)
{
	const size_t size = strlen(wanted);
	uint8_t difference = 0;

	if (size == 0 || community.size != size)
		return false;
	for (size_t i = 0; i < size; i++)
		difference |= community.data[i] ^ (uint8_t)wanted[i];
	return difference == 0;
}

static bool
may_ask(const struct snmp_agent *agent)
{
	const struct slice community = agent->request.community;

	if (community_is(community, agent->write_community))
		return true;
	return agent->request.pdu.type != SNMP_SET &&
	       community_is(community, agent->read_community);
}

/* ---- the response ---- */

/* What v1 calls a v2c error (RFC 3584 section 4.4). */
static int
status_of_v1(int status)
{
	switch (status) {
	case SNMP_WRONG_VALUE:
	case SNMP_WRONG_ENCODING:
	case SNMP_WRONG_TYPE:
	case SNMP_WRONG_LENGTH:
	case SNMP_INCONSISTENT_VALUE:
		return SNMP_BAD_VALUE;
	case SNMP_NO_ACCESS:
	case SNMP_NOT_WRITABLE:
	case SNMP_NO_CREATION:
	case SNMP_INCONSISTENT_NAME:
	case SNMP_AUTHORIZATION_ERROR:
		return SNMP_NO_SUCH_NAME;
	case SNMP_NO_ERROR:
	case SNMP_TOO_BIG:
	case SNMP_NO_SUCH_NAME:
	case SNMP_BAD_VALUE:
	case SNMP_READ_ONLY:
		return status;
	default: /* resourceUnavailable, commitFailed, undoFailed, genErr; what objects should not
		    answer */
		return SNMP_GEN_ERR;
	}
}

/* A response with the request's own varbinds: every error, and a SET that was done. */
static size_t
answer_echo(struct snmp_agent *agent, int status, int32_t index, uint8_t *answer, size_t size)
{
	struct snmp_message *request = &agent->request;
	const uint8_t type = request->pdu.type;

	request->pdu.error_status = request->version == SNMP_V1 ? status_of_v1(status) : status;
	request->pdu.error_index = index;
	if (status == SNMP_TOO_BIG && request->version != SNMP_V1)
		request->pdu.count = 0; /* RFC 3416 section 4.2.1 */
	request->pdu.type = SNMP_RESPONSE;
	const int64_t used = snmp_encode(request, answer, size);
	request->pdu.type = type;
	return used < 0 ? 0 : (size_t)used;
}

static size_t
answer_too_big(struct snmp_agent *agent, uint8_t *answer, size_t size)
{
	return answer_echo(agent, SNMP_TOO_BIG, 0, answer, size);
}

static void
response_start(struct snmp_agent *agent)
{
	struct snmp_message *response = &agent->response;

	agent->octets_used = 0;
	response->version = agent->request.version;
	response->community = agent->request.community;
	response->pdu.type = SNMP_RESPONSE;
	response->pdu.request_id = agent->request.pdu.request_id;
	response->pdu.error_status = SNMP_NO_ERROR;
	response->pdu.error_index = 0;
	response->pdu.count = 0;
}

static bool
is_octets(const struct snmp_value *value)
{
	return value->type == SNMP_OCTETS || value->type == SNMP_IPADDRESS ||
	       value->type == SNMP_OPAQUE;
}

/* Move a value's string to where it stays until the response is written. */
static bool
keep_octets(struct snmp_agent *agent, struct snmp_value *value)
{
	const size_t size = value->octets.size;
	uint8_t *target = agent->octets + agent->octets_used;

	if (size > sizeof(agent->octets) - agent->octets_used)
		return false;
	if (size > 0)
		memcpy(target, value->octets.data, size);
	value->octets.data = target;
	agent->octets_used += size;
	return true;
}

/* ---- reading ---- */

/* Ask the objects once; what they answer must be an instance after `name` (is_next), or `name`. */
static int
objects_get(const struct snmp_agent *agent, const struct oid *name, bool is_next,
	    struct snmp_varbind *ret_varbind, uint8_t scratch[static SCRATCH_SIZE])
{
	const int r = agent->objects.get(agent->objects.arg, name, is_next, &ret_varbind->name,
					 &ret_varbind->value, scratch);
	if (r == SNMP_NO_SUCH_OBJECT || r == SNMP_NO_SUCH_INSTANCE || r == SNMP_END_OF_MIB_VIEW) {
		ret_varbind->name = *name;
		ret_varbind->value.type = is_next ? SNMP_END_OF_MIB_VIEW : (uint8_t)r;
		return 0;
	}
	if (r != 0)
		return SNMP_GEN_ERR;
	const int order = oid_compare(&ret_varbind->name, name);
	return (is_next ? order > 0 : order == 0) ? 0 : SNMP_GEN_ERR;
}

/* As objects_get() in v1, which has no exceptions and no Counter64: GETNEXT steps over those (RFC
 * 3584 section 4.2.2.1). */
static int
objects_get_v1(const struct snmp_agent *agent, const struct oid *name, bool is_next,
	       struct snmp_varbind *ret_varbind, uint8_t scratch[static SCRATCH_SIZE])
{
	struct oid from = *name;

	for (unsigned i = 0; i < SNMP_AGENT_SKIP_MAX; i++) {
		const int r = objects_get(agent, &from, is_next, ret_varbind, scratch);
		if (r != 0)
			return r;
		if (snmp_value_is_exception(&ret_varbind->value))
			return SNMP_NO_SUCH_NAME;
		if (ret_varbind->value.type != SNMP_COUNTER64)
			return 0;
		if (!is_next)
			return SNMP_NO_SUCH_NAME;
		from = ret_varbind->name;
	}
	return SNMP_GEN_ERR;
}

/* Append one read instance to the response: 0, an snmp_error_status, or NO_ROOM. */
static int
response_read(struct snmp_agent *agent, const struct oid *name, bool is_next)
{
	uint8_t scratch[SCRATCH_SIZE];

	struct snmp_varbind *varbind = snmp_pdu_add(&agent->response.pdu, name, SNMP_NULL);
	if (!varbind)
		return NO_ROOM;
	const int r = agent->request.version == SNMP_V1
			      ? objects_get_v1(agent, name, is_next, varbind, scratch)
			      : objects_get(agent, name, is_next, varbind, scratch);
	if (r != 0 || !is_octets(&varbind->value) || keep_octets(agent, &varbind->value))
		return r;
	agent->response.pdu.count--;
	return NO_ROOM;
}

static size_t
answer_get(struct snmp_agent *agent, uint8_t *answer, size_t size)
{
	const struct snmp_pdu *request = &agent->request.pdu;

	for (unsigned i = 0; i < request->count; i++) {
		const int status = response_read(agent, &request->varbind[i].name,
						 request->type == SNMP_GETNEXT);
		if (status == NO_ROOM)
			return answer_too_big(agent, answer, size);
		if (status != SNMP_NO_ERROR)
			return answer_echo(agent, status, (int32_t)i + 1, answer, size);
	}
	const int64_t used = snmp_encode(&agent->response, answer, size);
	return used < 0 ? answer_too_big(agent, answer, size) : (size_t)used;
}

/* ---- reading in bulk (RFC 3416 section 4.2.3) ---- */

/* Append the repetitions, row by row, until one has nothing but ends of the view. `count` names
 * begin at request varbind `first`; the rows after the first go on from the row before. */
static int
bulk_rows(struct snmp_agent *agent, unsigned first, unsigned count, int32_t *ret_index)
{
	const struct snmp_pdu *request = &agent->request.pdu;
	const struct snmp_pdu *response = &agent->response.pdu;
	const int32_t rows = request->error_index; /* max-repetitions */
	bool is_at_end = count == 0;

	for (int32_t row = 0; row < rows && !is_at_end; row++) {
		is_at_end = true;
		for (unsigned i = 0; i < count; i++) {
			const struct snmp_varbind *from =
				row == 0 ? &request->varbind[first + i]
					 : &response->varbind[response->count - count];
			const int status = response_read(agent, &from->name, true);
			*ret_index = (int32_t)(first + i) + 1;
			if (status != SNMP_NO_ERROR)
				return status;
			is_at_end &= response->varbind[response->count - 1].value.type ==
				     SNMP_END_OF_MIB_VIEW;
		}
	}
	return SNMP_NO_ERROR;
}

/* Write as many of the response's varbinds as fit; `is_cut` tells that there would be more already.
 */
static size_t
answer_bulk_cut(struct snmp_agent *agent, bool is_cut, uint8_t *answer, size_t size)
{
	struct snmp_pdu *response = &agent->response.pdu;

	for (;;) {
		const int64_t used = snmp_encode(&agent->response, answer, size);
		if (used >= 0 && (response->count > 0 || !is_cut))
			return (size_t)used;
		if (response->count == 0)
			return answer_too_big(agent, answer, size);
		response->count--;
		is_cut = true;
	}
}

static size_t
answer_bulk(struct snmp_agent *agent, uint8_t *answer, size_t size)
{
	const struct snmp_pdu *request = &agent->request.pdu;
	const int32_t non_repeaters = request->error_status > 0 ? request->error_status : 0;
	const unsigned singles =
		(uint32_t)non_repeaters < request->count ? (unsigned)non_repeaters : request->count;
	int status = SNMP_NO_ERROR;
	int32_t index = 0;

	for (unsigned i = 0; i < singles && status == SNMP_NO_ERROR; i++) {
		status = response_read(agent, &request->varbind[i].name, true);
		index = (int32_t)i + 1;
	}
	if (status == SNMP_NO_ERROR)
		status = bulk_rows(agent, singles, request->count - singles, &index);
	if (status != SNMP_NO_ERROR && status != NO_ROOM)
		return answer_echo(agent, status, index, answer, size);
	return answer_bulk_cut(agent, status == NO_ROOM, answer, size);
}

/* ---- writing ---- */

static int
check_values(const struct snmp_pdu *set, int32_t *ret_index)
{
	for (unsigned i = 0; i < set->count; i++) {
		const struct snmp_value *value = &set->varbind[i].value;
		if (value->type != SNMP_NULL && !snmp_value_is_exception(value))
			continue;
		*ret_index = (int32_t)i + 1;
		return SNMP_WRONG_TYPE;
	}
	return SNMP_NO_ERROR;
}

/* Test all, then commit all. */
static int
set_all(const struct snmp_agent *agent, int32_t *ret_index)
{
	const struct snmp_objects *objects = &agent->objects;
	const struct snmp_pdu *set = &agent->request.pdu;

	if (set->count == 0)
		return SNMP_NO_ERROR;
	*ret_index = 1;
	if (!objects->test || !objects->commit)
		return SNMP_NOT_WRITABLE;

	int status = check_values(set, ret_index);
	if (status == SNMP_NO_ERROR)
		status = objects->test(objects->arg, set, ret_index);
	if (status == SNMP_NO_ERROR)
		status = objects->commit(objects->arg, set, ret_index);
	return status;
}

/* An answer that does not fit is found out before anything is done. */
static size_t
answer_set(struct snmp_agent *agent, uint8_t *answer, size_t size)
{
	int32_t index = 0;

	const size_t used = answer_echo(agent, SNMP_NO_ERROR, 0, answer, size);
	if (used == 0)
		return answer_too_big(agent, answer, size);
	const int status = set_all(agent, &index);
	if (status == SNMP_NO_ERROR)
		return used;
	assert(index >= 0 && (uint32_t)index <= agent->request.pdu.count);
	return answer_echo(agent, status, index, answer, size);
}

/* ---- equal SETs (INV-SNMP-4) ---- */

static uint64_t
hash_bytes(const uint8_t *data, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a: who can send a SET at all gains nothing by
					       equal hashes */

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ data[i]) * 0x100000001b3;
	return hash;
}

/* The place of an equal SET, or SNMP_AGENT_RECENT_MAX. */
static unsigned
recent_find(const struct snmp_agent *agent, uint64_t peer, uint64_t bytes, msec_t now)
{
	const int32_t request_id = agent->request.pdu.request_id;
	unsigned i;

	for (i = 0; i < SNMP_AGENT_RECENT_MAX; i++) {
		if (agent->recent[i].at == 0 || now - agent->recent[i].at > SNMP_AGENT_RECENT_MS)
			continue;
		if (agent->recent[i].peer == peer && agent->recent[i].bytes == bytes &&
		    agent->recent[i].request_id == request_id)
			break;
	}
	return i;
}

static void
recent_keep(struct snmp_agent *agent, uint64_t peer, uint64_t bytes, msec_t now,
	    const uint8_t *answer, size_t size)
{
	const unsigned i = agent->recent_next++ % SNMP_AGENT_RECENT_MAX;

	assert(size <= SNMP_AGENT_ANSWER_MAX);
	agent->recent[i].at = now;
	agent->recent[i].peer = peer;
	agent->recent[i].bytes = bytes;
	agent->recent[i].request_id = agent->request.pdu.request_id;
	agent->recent[i].size = (uint16_t)size;
	memcpy(agent->recent[i].answer, answer, size);
}

static size_t
answer_set_once(struct snmp_agent *agent, uint64_t peer, uint64_t bytes, msec_t now,
		uint8_t *answer, size_t size)
{
	const unsigned i = recent_find(agent, peer, bytes, now);

	if (i == SNMP_AGENT_RECENT_MAX) {
		const size_t used = answer_set(agent, answer, size);
		recent_keep(agent, peer, bytes, now, answer, used);
		return used;
	}
	agent->repeated_sets++;
	if (agent->recent[i].size > size)
		return 0;
	memcpy(answer, agent->recent[i].answer, agent->recent[i].size);
	return agent->recent[i].size;
}

size_t
snmp_agent_answer(struct snmp_agent *agent, const struct addr *from, msec_t now,
		  const uint8_t *data, size_t data_size, uint8_t *answer, size_t size)
{
	assert(now > 0);

	if (size > SNMP_AGENT_ANSWER_MAX)
		size = SNMP_AGENT_ANSWER_MAX;
	if (snmp_decode(data, data_size, &agent->request, NULL) < 0) {
		agent->bad_messages++;
		return 0;
	}
	if (!may_ask(agent)) {
		agent->bad_communities++;
		return 0;
	}

	response_start(agent);
	switch (agent->request.pdu.type) {
	case SNMP_GET:
	case SNMP_GETNEXT:
		return answer_get(agent, answer, size);
	case SNMP_GETBULK:
		return answer_bulk(agent, answer, size);
	case SNMP_SET:
		return answer_set_once(agent, addr_hash(from), hash_bytes(data, data_size), now,
				       answer, size);
	default: /* responses and notifications are not for us */
		agent->bad_messages++;
		return 0;
	}
}
