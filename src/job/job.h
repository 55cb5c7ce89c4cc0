/* job.h - decide the next move in one device's upgrade, backup or restore.
 *
 * Pure: job_step() looks only at its arguments and writes only through `next` and `out`; same
 * input, same output. It reads no clock, allocates nothing, logs nothing. The engine writes the
 * event and `next` durably before it acts on `out`: the state says that a command is intended
 * before the command leaves (INV-JOB-1), so after a crash EV_RESUME gives the effects back, and a
 * command that may have been carried out is looked for on the device, never sent again blindly
 * (INV-JOB-2).
 *
 *   preflight -> backup -> keep -> update -> convert -> restore -> confirm -> done
 *                                  (fetch, activate, reload, read back)
 *
 * A failed or late step asks (or follows the plan's policy): retry, rollback or stop. An update is
 * retried only after the device went back to its old software and that was read back. Every state
 * but the ends waits for a person or has a deadline (INV-JOB-3). */
#pragma once
#include "model/operation.h"
#include "model/reason.h"

enum job_goal { GOAL_UPGRADE, GOAL_BACKUP, GOAL_RESTORE, GOAL_COUNT };

enum job_state {
	JOB_QUEUED,  /* not begun */
	JOB_RUNNING, /* a step is on */
	JOB_ASKING,  /* waits for an answer */
	/* ends: */
	JOB_DONE,    /* proven */
	JOB_STOPPED, /* ended on the operator's or policy's word; `software` and `configuration` say
			what is on the device */
	JOB_ROLLED_BACK, /* the old software and its configuration are back, verified */
	JOB_HELD,        /* preflight held it back: the device was not touched */
	JOB_NEEDS_HANDS, /* the old software could not be put back: somebody must go there */
	JOB_STATE_COUNT,
};

enum job_step {
	STEP_NONE,
	STEP_PREFLIGHT,
	STEP_BACKUP,
	STEP_KEEP,
	STEP_UPDATE,
	STEP_CONVERT,
	STEP_RESTORE,
	STEP_CONFIRM,
	STEP_ROLLBACK,
	STEP_COUNT,
};

/* The smallest piece of a step: one command, one reading, or one piece of the manager's own work.
 */
enum job_act {
	ACT_NONE,
	ACT_PROBE,          /* read everything and judge whether this may begin */
	ACT_BACKUP,         /* command: the configuration comes to the file service */
	ACT_KEEP,           /* command: store the running software in the other slot */
	ACT_READ_KEPT,      /* read slot, version and hash back */
	ACT_FETCH,          /* command: fetch, check and store the new software */
	ACT_ACTIVATE,       /* command: choose it for the next boot */
	ACT_RELOAD,         /* command: restart */
	ACT_READ_NEW,       /* read the version back */
	ACT_CONVERT,        /* work: make the configuration that the new software wants */
	ACT_RESTORE,        /* command: fetch the configuration and load it */
	ACT_CONFIRM_BACKUP, /* command: a fresh backup */
	ACT_COMPARE,        /* work: does it mean what was wanted? */
	ACT_READ_SERVICE,   /* read whether ports and registrations are no worse than before */
	ACT_READ_AGAIN,     /* before a later step is retried: does the new software still run? */
	ACT_LOOK_AFTER, /* after a failure: read what runs now, so that question and end can name it
			 */
	ACT_ROLLBACK,   /* command: go back to the kept software */
	ACT_OLD_FETCH,  /* one slot: command to fetch the old image, which the manager holds */
	ACT_OLD_ACTIVATE, /* one slot */
	ACT_OLD_RELOAD,   /* one slot */
	ACT_READ_OLD,     /* read the old version back */
	ACT_OLD_BACKUP,   /* rolling back for good: a backup of what is there now */
	ACT_OLD_COMPARE,  /* work: is it the first snapshot? */
	ACT_OLD_RESTORE,  /* command: put the first snapshot back, where it is not */
	ACT_COUNT,
};

enum job_phase {
	PHASE_NONE,
	PHASE_OPENING,  /* command: waits until the file service has the grant and the content */
	PHASE_SENDING,  /* command: intended; it may have left */
	PHASE_LOOKING,  /* command: it may have arrived; the device is being asked */
	PHASE_WATCHING, /* command: accepted; waits for what `needs` still misses */
	PHASE_READING,  /* a reading is on, repeated until it is answered or late */
	PHASE_WORKING,  /* the manager's own work is on */
	PHASE_COUNT,
};

enum job_need {
	NEED_REPORT = 1,
	NEED_LEDGER = 2
}; /* the device's word; the file service's whole transfer */

enum job_policy { POLICY_ASK, POLICY_RETRY, POLICY_ROLLBACK, POLICY_STOP };

enum software {
	SOFTWARE_OLD,
	SOFTWARE_NEW,
	SOFTWARE_UNKNOWN,
	SOFTWARE_PENDING, /* the old one runs; the new one may start at the next restart */
};
enum configuration {
	CONFIGURATION_UNTOUCHED, /* as it was */
	CONFIGURATION_UNKNOWN,
	CONFIGURATION_LOST,      /* factory defaults, or what the new software made of it */
	CONFIGURATION_RESTORED,  /* loaded, not yet confirmed */
	CONFIGURATION_CONFIRMED, /* a fresh backup proved it */
};

enum way_back {
	WAY_SLOT,
	WAY_IMAGE,
	WAY_NONE
}; /* the device's other slot; the manager holds the old image */

/* Fixed when the job is made and stored with it. */
struct job_plan {
	uint8_t goal;               /* enum job_goal */
	uint8_t on_failure;         /* enum job_policy */
	uint8_t retries_max;        /* POLICY_RETRY: without asking, for each step */
	uint8_t rollback_tries_max; /* 1.. */
	uint8_t way_back;           /* enum way_back */
	bool has_activate; /* the family chooses the next boot image by a command of its own */
	bool has_service;  /* ports and registrations can be read */
	uint8_t repeat[OPERATION_COUNT]; /* enum repeat */
	msec_t limit_ms[STEP_COUNT];     /* scheduled time of one attempt at a step */
	msec_t stall_ms[STEP_COUNT];     /* no byte moved for so long, in acts that transfer; 0 = no
					    stall limit */
	msec_t look_ms;                  /* how long ACT_LOOK_AFTER may take */
};

/* What waits for what. All zero is a new job. The ticket names one command of one attempt. */
struct job {
	uint8_t state, step, act, phase; /* enums above */
	uint8_t needs;                   /* NEED_* still missing */
	uint8_t failed_act;              /* what the question or end is about */
	uint8_t reason;  /* enum reason of the last failure; while going back: of the one that led
			    there */
	uint8_t retries; /* automatic ones so far, of `retried_step` and what led back to it */
	uint8_t retried_step;   /* enum job_step: the furthest that failed */
	uint8_t rollback_tries; /* of this going back, so far */
	bool is_going_back;     /* rolling back for good, not before a retry */
	bool has_snapshot;      /* backup received whole, hashed, parsed, durable */
	bool has_kept;          /* the old software is stored and was read back */
	bool is_touched;        /* a fetch may have reached the device */
	bool new_may_run;       /* the new software may be chosen for the next boot, or run */
	bool has_message; /* a failure message came for this ticket: evidence, never a decision */
	bool has_broken;  /* the ledger saw the transfer under this ticket break */
	bool was_old_restored;    /* rolling back: the first snapshot was put back already */
	uint8_t software;         /* enum software */
	uint8_t configuration;    /* enum configuration */
	uint32_t attempt;         /* attempts begun in all, from 1 */
	uint32_t ticket;          /* of the current act; raised by one for each */
	uint8_t spare[4];         /* zero: without padding jobs can be compared as bytes */
	int64_t deadline_wall_ms; /* scheduled time of this attempt, fixed before its command
				     leaves; 0 = none */
};

enum job_event_kind {
	EV_START,    /* begin */
	EV_RESUME,   /* the manager restarted: give the effects back */
	EV_GRANTED,  /* the file service has grant and content */
	EV_ACCEPTED, /* the device answered the command without error */
	EV_REFUSED,  /* it answered with an error: not carried out; reason */
	EV_NOT_SENT, /* it surely never left */
	EV_UNKNOWN,  /* sent, no answer */
	EV_PRESENT,  /* looked: the device knows this command */
	EV_ABSENT,   /* looked or polled: the device's status is of another command */
	EV_REPORT,   /* polled: it succeeded */
	EV_FAILURE,  /* polled, or judged from what was stored: it failed; reason */
	EV_MESSAGE,  /* a notification with this ticket; `has_failed` */
	EV_PROGRESS, /* bytes moved (ledger or status) */
	EV_STORED,   /* ledger: whole, hashed, durable; an upload is parsed, too */
	EV_BROKEN,   /* ledger: the transfer ended early */
	EV_FOUND,    /* a reading was answered and is as it must be */
	EV_AMISS,    /* a reading was answered and is not; reason; `software` where it names one */
	EV_WORKED,   /* own work done */
	EV_FAULTED,  /* own work failed; reason */
	EV_STALL,    /* the stall limit passed */
	EV_DEADLINE, /* the scheduled time passed */
	EV_RETRY,    /* answers */
	EV_ROLLBACK,
	EV_STOP,
	EV_COUNT,
};

struct job_event {
	uint8_t kind;     /* enum job_event_kind */
	uint32_t ticket;  /* of the command it is about; EV_START, EV_RESUME: ignored */
	int64_t wall_ms;  /* when */
	uint8_t reason;   /* enum reason */
	uint8_t software; /* EV_AMISS, EV_FOUND of ACT_LOOK_AFTER: enum software found */
	bool has_failed;  /* EV_MESSAGE: a failure message */
};

enum job_effect_kind {
	FX_GRANT,   /* open the act's grants (told again after a restart) */
	FX_REVOKE,  /* close every grant of `ticket` */
	FX_COMMAND, /* send the act's command, once */
	FX_LOOK,    /* ask the device whether it knows the ticket, until it answers */
	FX_WATCH,   /* poll the status from now on until the act ends */
	FX_POLL,    /* poll at once */
	FX_READ,    /* read and judge, again and again until EV_FOUND or EV_AMISS */
	FX_WORK,    /* do the act's own work */
	FX_TIMERS, /* arm the deadline at `deadline_wall_ms` and the stall limit `stall_ms` from now
		      (0 = none) */
	FX_STALL,  /* arm the stall limit anew */
	FX_NOTE,   /* keep the event as evidence only: its ticket is old, or it changes nothing */
	FX_TELL, /* the attempt at `step` failed for `reason`: write it to the attempt and tell the
		    operator */
	FX_ASK,  /* put the question */
	FX_FINISH, /* the job is over */
};

struct job_effect {
	uint8_t kind; /* enum job_effect_kind */
	uint8_t step, act, reason;
	uint32_t ticket;
	int64_t deadline_wall_ms;
	msec_t stall_ms;
};

enum { JOB_EFFECTS_MAX = 8 };
struct job_effects {
	struct job_effect item[JOB_EFFECTS_MAX];
	unsigned count;
};

/* Apply one event. `next` and `out` are always fully written; `now` and `next` may not alias. An
 * event with an old ticket leaves *next == *now and gives FX_NOTE. */
void job_step(const struct job_plan *plan, const struct job *now, const struct job_event *event,
	      struct job *next, struct job_effects *out);

bool job_is_over(const struct job *job);
/* May the operator answer so (EV_RETRY, EV_ROLLBACK, EV_STOP)? False where the job asks nothing. */
bool job_may_answer(const struct job *job, enum job_event_kind answer);

/* What an act is made of. */
enum operation job_act_operation(enum job_act act); /* OPERATION_NONE for readings and work */
enum job_step job_act_step(enum job_act act);
bool job_act_uploads(enum job_act act);   /* its grant is a write */
bool job_act_downloads(enum job_act act); /* its grants are reads */

const char *job_goal_name(enum job_goal goal);    /* "upgrade" */
const char *job_state_name(enum job_state state); /* "done", "rolled-back" */
const char *job_step_name(enum job_step step);    /* "preflight" */
const char *job_act_name(enum job_act act);       /* "read-new" */
const char *job_phase_name(enum job_phase phase);
const char *job_event_name(enum job_event_kind kind);
const char *job_effect_name(enum job_effect_kind kind);
const char *job_policy_name(enum job_policy policy);
const char *job_software_name(enum software software);
const char *job_configuration_name(enum configuration configuration);
bool job_step_parse(const char *name, enum job_step *ret_step);
