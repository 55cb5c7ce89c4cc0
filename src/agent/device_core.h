/* device_core.h - private to device*.c: what its files tell each other. */
#pragma once
#include "agent/device.h"

/* ---- device.c ---- */
void device_log(const struct device_core *core, enum log_level level, const char *format, ...)
	PRINTF_LIKE(3, 4);
/* Write the state durably. On failure the state is the durable one again, and the caller's changes
 * are gone. */
int device_store(struct device_core *core);
/* End the running operation: durable, then told by notification. REASON_NONE = it succeeded. */
void device_end(struct device_core *core, enum status_reason reason, const char *format, ...)
	PRINTF_LIKE(3, 4);
struct slot *device_slot(struct device_core *core, unsigned slot); /* slot: from 1 */
unsigned
device_other_slot(const struct device_core *core); /* than the running one; 0 where there is none */
/* Take a fault of the running operation. */
bool device_fault(struct device_core *core, enum fault_kind kind, struct fault *ret_fault);
/* Put what was written aside into its slot, durably but for the last store, which is the caller's.
 * REASON_NONE or why not. */
enum status_reason device_slot_take(struct device_core *core, unsigned slot,
				    const struct software *software);
/* Where SNMP is answered and transfers come from, and by which communities. */
const struct addr *device_address(const struct device_core *core);
void device_listen(struct device_core *core);

/* ---- device_config.c ---- */
/* Does this text load in the running software? Changes nothing. */
int device_config_check(struct device_core *core, const char *text, size_t size, struct err *err);
/* Make a text that was checked the running configuration. */
void device_config_use(struct device_core *core, const char *text, size_t size);
void device_config_default(struct device_core *core);
void device_config_spoil(char *text, size_t size); /* fault: change one value */
unsigned device_ports_up(const struct device_core *core);
unsigned device_registrations(const struct device_core *core);

/* ---- device_boot.c ---- */
void device_boot(struct device_core *core, const struct device_event *event);

/* ---- device_command.c: the SET ---- */
int device_command_test(void *arg, const struct snmp_pdu *set, int32_t *ret_index);
int device_command_commit(void *arg, const struct snmp_pdu *set, int32_t *ret_index);

/* ---- device_operation.c: what each operation does ---- */
enum { NEEDS_FILES = 1, NEEDS_HASH = 2, NEEDS_SLOT = 4, NEEDS_TWO_SLOTS = 8, NEEDS_ONE_FILE = 16 };
unsigned device_operation_needs(enum operation operation);
void device_operation_begin(struct device_core *core);
void device_copied(struct device_core *core, const struct device_event *event);

/* ---- device_transfer.c: backup, fetch, restore ---- */
void device_backup_begin(struct device_core *core);
void device_fetch_begin(struct device_core *core);
void device_restore_begin(struct device_core *core);
/* OPENED, DATA, SENT, COMPLETE, FAILED */
void device_transfer_event(struct device_core *core, const struct device_event *event);

/* ---- device_mib.c ---- */
enum command_field { /* the columns of dd.1.3 */
		     FIELD_TICKET = 1,
		     FIELD_OPERATION,
		     FIELD_SERVER_TYPE,
		     FIELD_SERVER,
		     FIELD_PORT,
		     FIELD_PROTOCOL,
		     FIELD_FILES,
		     FIELD_USER,
		     FIELD_PASSWORD,
		     FIELD_HASH,
		     FIELD_SIZE,
		     FIELD_SLOT,
		     FIELD_COUNT
};
enum { DEVICE_OBJECT_COMMAND = 3, DEVICE_OBJECT_STATUS = 4 }; /* groups under dd.1 */
int device_mib_get(void *arg, const struct oid *name, bool is_next, struct oid *ret_name,
		   struct snmp_value *ret_value, uint8_t scratch[static 256]);
/* The scalar dd.1.<group>.<column>.0 */
void device_mib_name(unsigned group, unsigned column, struct oid *ret_name);
/* The notification dd.0.<number> */
void device_mib_notification(unsigned number, struct oid *ret_name);
/* Which field of ddCommand is this an instance of? 0 = none. */
unsigned device_mib_command_field(const struct oid *name);
uint32_t device_ticks(const struct device_core *core); /* sysUpTime */

/* ---- device_notify.c ---- */
void device_notify_boot(struct device_core *core);
void device_notify_end(struct device_core *core);
/* Was this the answer to an inform? Then it is done with. */
bool device_notify_answered(struct device_core *core, const struct addr *from, struct slice data);
void device_notify_timer(struct device_core *core);
msec_t device_notify_next(const struct device_core *core);
