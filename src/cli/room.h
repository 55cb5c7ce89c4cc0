/* room.h - what the verbs share; nobody else includes it. */
#pragma once
#include "base/json.h"
#include "base/text.h"

#include <stdio.h>

enum {
	CODE_DONE,
	CODE_FAILED,
	CODE_USAGE,
	CODE_DEVICES,
	CODE_WAITS,
	CODE_TIMED_OUT
}; /* exit codes, see cli.h */

struct cli;

struct option_row {
	const char *name;    /* without "--"; NULL ends a table */
	const char *metavar; /* NULL: takes no value */
	const char *help;
	bool is_many; /* may be given several times */
};

struct verb {
	const char *name;      /* "device add" */
	const char *arguments; /* "NAME", for the synopsis */
	const char *summary;
	unsigned plain_min, plain_max; /* arguments that are no options */
	int (*run)(struct cli *cli);
	const struct option_row
		*options[3]; /* its own, and tables that several verbs share; NULL = none */
};

/* verbs.c */
extern const struct verb *const verbs[]; /* ends with NULL */
extern const struct option_row options_of_all[];

/* ---- options.c: what was typed ---- */

enum { PLAIN_MAX = 10000, OPTIONS_MAX = 10000 };

struct taken {
	const struct option_row *row;
	const char *value;
};

struct cli {
	const struct verb *verb;
	unsigned plain_count, taken_count;
	const char **plain;
	struct taken *taken;
	bool is_json, wants_help;
	struct client *client; /* made when first needed */
};

/* Read what follows the program's name: the verb, arguments and options. Returns a CODE_; CODE_DONE
 * with cli->verb NULL where only help was asked for (and given). */
int cli_read(struct cli *cli, int argc, char **argv);
const char *
option(const struct cli *cli,
       const char *name); /* its value ("" for one without), or NULL where it was not given */
/* The nth value of an option that may be given several times, or NULL. */
const char *option_nth(const struct cli *cli, const char *name, unsigned n);
/* A number with a maximum; `otherwise` where it was not given. */
int option_number(const struct cli *cli, const char *name, uint64_t otherwise, uint64_t max,
		  uint64_t *ret, struct err *err);

/* ---- help.c ---- */

void help_all(FILE *out);
void help_names(FILE *out); /* of all verbs, in a few lines */
void help_verb(FILE *out, const struct verb *verb);
/* Every verb that begins with this word; false where none does. */
bool help_group(FILE *out, const char *word);
/* The verb that was probably meant, or NULL. */
const struct verb *help_guess(const char *typed);

/* ---- cli.c: how verbs end ---- */

int usage(const struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3); /* CODE_USAGE */
int failed(const struct cli *cli, const struct err *err);                    /* CODE_FAILED */
/* CODE_USAGE where the error is of what was typed, else CODE_FAILED. */
int refused(const struct cli *cli, const struct err *err);

/* ---- client.c: the API ---- */

enum { RESPONSE_MAX = 128 << 20, ROWS_A_PAGE = 1000 };

void client_free(struct client *client); /* accepts NULL */
/* The manager is the one that is meant by --server, --data, $DRYDOCK_SERVER, $DRYDOCK_DATA;
 * DD_EINVAL where none is.
 *
 * One request; path: after /api/v1/. body: JSON, NULL = none. *ret_json (may be NULL) is the
 * answer, owned by the caller; NULL where it is empty. DD_ECLOSED where no manager answers; the
 * manager's own refusals come with its sentence. */
int client_call(struct cli *cli, const char *method, const char *path, const struct buf *body,
		json_t **ret_json, struct err *err);
int client_bytes(struct cli *cli, const char *path, struct buf *ret_bytes, struct err *err);
/* Send a file's bytes, streaming. */
int client_send_file(struct cli *cli, const char *path, const char *file, json_t **ret_json,
		     struct err *err);
/* Call each() for every row of a list, page by page. path: with "?", ready for "&limit=". Stops
 * where each() returns negative. */
int client_list(struct cli *cli, const char *path, const char *key,
		int (*each)(void *arg, json_t *row, struct err *err), void *arg, struct err *err);
/* Append with everything escaped that is special in a URL. */
void add_escaped(struct buf *path, const char *text);

void json_freep(json_t **json); /* for CLEANUP */

/* ---- document.c: reading answers, and printing them ---- */

const char *doc_text(const json_t *doc, const char *key); /* "" where it is null or absent */
int64_t doc_int(const json_t *doc, const char *key);
bool doc_bool(const json_t *doc, const char *key);
/* Texts or numbers of a list, with something between them. */
const char *doc_words(const json_t *list, const char *between, char *buf, size_t size);
const char *doc_list(const json_t *list, char *buf, size_t size); /* "a, b" */
void print_document(const json_t *doc);                           /* one line on stdout */
/* In lines of at most `columns`, all behind `indent` blanks; the first goes on where the cursor is
 * at. Cleaned likewise. */
void print_wrapped(FILE *out, unsigned at, unsigned indent, unsigned columns, const char *text);
/* "key  value" lines for people; `label` NULL = key itself. Nothing where the value is empty. */
void print_field(const char *label, const char *value);
void print_text(FILE *out, const char *text); /* cleaned of what could move a terminal's cursor */

/* Rows with aligned columns, or documents with --json. */
enum { TABLE_COLUMNS_MAX = 10 };
struct table {
	const struct cli *cli;
	unsigned columns, rows;
	struct buf cells; /* each ends with NUL */
};
void table_init(struct table *table, const struct cli *cli,
		const char *const *titles); /* titles end with NULL */
void table_cell(struct table *table, const char *text);
/* Print and free. */
void table_end(struct table *table);

/* A whole list as a table; fill() puts one row's cells. */
int run_list(struct cli *cli, const char *path, const char *key, const char *const *titles,
	     void (*fill)(struct table *table, const json_t *row));

/* ---- terminal.c ---- */

struct terminal {
	bool is_asking;  /* a person can be asked: stdin and stderr are terminals */
	bool is_live;    /* stderr is a terminal that can be drawn upon */
	bool has_colour; /* of stderr */
	bool has_blocks; /* its characters are UTF-8 */
};
void terminal_look(struct terminal *terminal);
bool stdout_has_colour(void);
void terminal_size(unsigned *ret_columns, unsigned *ret_lines);
int64_t clock_ms(void); /* monotonic */
void sleep_ms(unsigned ms);
/* One line from stdin without its end. false at the end of the file. `is_secret`: without echo,
 * where stdin is a terminal. */
bool read_line(const char *prompt, bool is_secret, char *line, size_t size);

/* ---- selector.c ---- */

extern const struct option_row selector_options[];
struct selection {
	char **names;
	unsigned count;
};
/* Which devices the arguments and options of a selector mean. DD_EINVAL where nothing selects,
 * DD_ENOTFOUND where nothing is found. */
int selection_make(struct cli *cli, struct selection *ret_selection, struct err *err);
void selection_done(struct selection *selection);

/* ---- order.c: verbs that start jobs ---- */

extern const struct option_row order_options[];
/* Start a job of this goal on every device, and wait where --wait says so. extra() (may be NULL)
 * puts more into each order. */
int order_run(struct cli *cli, const char *goal,
	      void (*extra)(struct cli *cli, struct json_writer *out));

/* ---- follow.c: jobs until they end ---- */

struct followed {
	int64_t job;
	char device[64];
	int64_t last_event;
	json_t *now;              /* the job in short, NULL = not yet read */
	int64_t step_since_ms;    /* clock */
	int64_t left_decision;    /* a question that was not answered here */
	char said[160], step[96]; /* last line that was printed of it, last step */
};
struct follow {
	struct cli *cli;
	struct terminal terminal;
	unsigned count;
	struct followed *jobs;
	unsigned drawn_lines;
	int64_t began_ms, timeout_ms; /* 0 = none */
};
int follow_new(struct cli *cli, unsigned count, struct follow *ret_follow, struct err *err);
void follow_done(struct follow *follow);
/* Wait, ask where a person is there, print the end. Returns the exit code. */
int follow_run(struct follow *follow);
bool followed_is_over(const struct followed *followed);
bool followed_is_asking(const struct followed *followed);

/* view.c: progress on stderr */
void view_event(struct follow *follow, struct followed *followed, const json_t *event);
void view_job(struct follow *follow, struct followed *followed);
void view_draw(struct follow *follow);
/* Leave what is drawn as it is, or wipe it, before something else is printed. */
void view_leave(struct follow *follow, bool is_wiped);
const char *state_colour(const char *state); /* an escape sequence */

/* question.c: put a question to the person at the terminal, and send the answer. False: not
 * answered. */
bool question_put(struct follow *follow, struct followed *followed);
void question_print(FILE *out, const json_t *decision, bool has_colour);

/* end.c: what became of the jobs, for people and with --json. Returns the exit code. */
int end_print(struct follow *follow, bool is_timed_out);

/* ---- refs.c: things by id or by another name ---- */

/* The image's document by id or version; DD_ECONFLICT where several have that version. */
int image_of(struct cli *cli, const char *text, json_t **ret_image, struct err *err);
/* The snapshot of a device: by id, or NULL for the newest that was read from it. */
int snapshot_of(struct cli *cli, const char *device, const char *id, json_t **ret_snapshot,
		struct err *err);

/* ---- the verbs ---- */

extern const struct verb verb_init, verb_doctor, verb_credential_add, verb_credential_list,
	verb_device_add, verb_device_list, verb_device_show, verb_device_probe, verb_device_remove,
	verb_image_add, verb_image_list, verb_image_show, verb_image_remove, verb_backup,
	verb_config_list, verb_config_show, verb_config_export, verb_config_diff, verb_upgrade,
	verb_restore, verb_decisions, verb_decide, verb_job_list, verb_job_show, verb_job_watch,
	verb_job_close, verb_files_status, verb_profile_list, verb_profile_show, verb_profile_check;
