/* Progress on stderr: a line a device that is drawn again on a terminal, a line an event elsewhere.
 */
#include "cli/room.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_WIDTH_MAX = 24, BAR_WIDTH = 20, LINE_MAX = 512 };

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define CYAN   "\033[36m"
#define GREY   "\033[90m"
#define PLAIN  "\033[0m"

const char *
state_colour(const char *state)
{
	if (text_equal(state, "done"))
		return GREEN;
	if (text_equal(state, "asking") || text_equal(state, "rolled-back"))
		return YELLOW;
	if (text_equal(state, "queued") || text_equal(state, "running"))
		return CYAN;
	return RED;
}

/* ---- lines for events ---- */

static void
say(struct follow *follow, struct followed *followed, const char *what, const char *text)
{
	char line[LINE_MAX];

	(void)text_print(line, sizeof(line), "%s: %s%s%s", followed->device, what,
			 text[0] != '\0' ? ": " : "", text);
	if (strncmp(followed->said, line, sizeof(followed->said) - 1) == 0)
		return;
	(void)text_copy(followed->said, sizeof(followed->said), line);
	view_leave(follow, true);
	print_text(stderr, line);
	fputc('\n', stderr);
}

void
view_event(struct follow *follow, struct followed *followed, const json_t *event)
{
	const char *kind = doc_text(event, "event"), *step = doc_text(event, "step");
	bool is_failure = text_equal(kind, "failed");

	/* On a terminal the drawing tells the rest. */
	if (follow->terminal.is_live && !is_failure)
		return;
	if (follow->terminal.is_asking && followed_is_asking(followed))
		return; /* the question follows, and begins with this */
	if (is_failure && follow->terminal.has_colour) {
		view_leave(follow, true);
		fprintf(stderr, "%s%s: ", RED, followed->device);
		print_text(stderr, doc_text(event, "text"));
		fputs(PLAIN "\n", stderr);
		return;
	}
	say(follow, followed,
	    is_failure        ? "failed"
	    : step[0] != '\0' ? step
			      : kind,
	    doc_text(event, "text"));
}

void
view_job(struct follow *follow, struct followed *followed)
{
	const char *state = doc_text(followed->now, "state"),
		   *step = doc_text(followed->now, "step");
	char what[96];

	if (follow->terminal.is_live)
		return;
	if (followed_is_over(followed))
		say(follow, followed, state, "");
	else if (followed_is_asking(followed))
		say(follow, followed, "asks", doc_text(followed->now, "reason"));
	else if (step[0] != '\0' &&
		 text_print(what, sizeof(what), "%s (attempt %lld)", step,
			    (long long)doc_int(followed->now, "attempt")) &&
		 !text_equal(what, followed->step)) {
		(void)text_copy(followed->step, sizeof(followed->step), what);
		say(follow, followed, what, "begins");
	}
}

/* ---- drawing ---- */

static void
add_bar(struct buf *line, const struct follow *follow, uint64_t bytes, uint64_t size)
{
	unsigned full = size > 0 ? (unsigned)((bytes < size ? bytes : size) * BAR_WIDTH / size) : 0;
	const char *filled = follow->terminal.has_blocks ? "\xe2\x96\x88" : "#";
	const char *empty = follow->terminal.has_blocks ? "\xe2\x96\x91" : "-";

	for (unsigned i = 0; i < BAR_WIDTH; i++)
		(void)buf_add_text(line, i < full ? filled : empty);
}

static void
tail_of(const struct followed *followed, char *tail, size_t size)
{
	const json_t *now = followed->now;
	uint64_t bytes = (uint64_t)doc_int(now, "bytes"), all = (uint64_t)doc_int(now, "size");
	char moved[24], whole[24], progress[64] = "";
	int64_t elapsed_s = doc_int(now, "elapsed_ms") / 1000;

	if (all > 0)
		(void)text_print(progress, sizeof(progress), "%s of %s  ", text_bytes(bytes, moved),
				 text_bytes(all, whole));
	else if (bytes > 0)
		(void)text_print(progress, sizeof(progress), "%s  ", text_bytes(bytes, moved));
	const char *doing = followed_is_over(followed) || followed_is_asking(followed)
				    ? doc_text(now, "text")
				    : doc_text(now, "act");
	(void)text_print(tail, size, "%2lld:%02lld  %s%s", (long long)(elapsed_s / 60),
			 (long long)(elapsed_s % 60), progress, doing);
	text_clean(tail);
}

/* Cut to so many characters. */
static void
cut(char *text, unsigned width)
{
	for (; *text != '\0'; text++) {
		if (((unsigned char)*text & 0xc0) == 0x80)
			continue;
		if (width-- == 0) {
			*text = '\0';
			return;
		}
	}
}

static void
draw_job(const struct follow *follow, const struct followed *followed, unsigned name_width,
	 unsigned columns)
{
	const char *state = doc_text(followed->now, "state"),
		   *step = doc_text(followed->now, "step");
	bool is_running = !followed_is_over(followed) && !followed_is_asking(followed);
	uint64_t bytes = (uint64_t)doc_int(followed->now, "bytes"),
		 size = (uint64_t)doc_int(followed->now, "size");
	bool has_colour = follow->terminal.has_colour;
	struct buf line = { 0 };
	char tail[LINE_MAX];
	const unsigned used = name_width + 2 + 12 + 1 + (unsigned)BAR_WIDTH + 2;

	(void)buf_printf(&line, "%-*.*s  %s%-12s%s ", (int)name_width, (int)name_width,
			 followed->device, has_colour ? state_colour(state) : "",
			 is_running && step[0] != '\0' ? step : state, has_colour ? PLAIN : "");
	if (has_colour)
		(void)buf_add_text(&line, is_running ? CYAN : GREY);
	if (text_equal(state, "done"))
		bytes = size = 1;
	add_bar(&line, follow, is_running || size == 1 ? bytes : 0,
		is_running || size == 1 ? size : 0);
	tail_of(followed, tail, sizeof(tail));
	cut(tail, columns > used + 1 ? columns - used - 1 : 0);
	(void)buf_printf(&line, "%s  %s", has_colour ? PLAIN : "", tail);
	fprintf(stderr, "\r\033[K%s\n", buf_text(&line));
	buf_done(&line);
}

static void
draw_summary(const struct follow *follow, unsigned hidden)
{
	unsigned done = 0, asking = 0, others = 0;

	for (unsigned i = 0; i < follow->count; i++) {
		const struct followed *followed = &follow->jobs[i];
		done += text_equal(doc_text(followed->now, "state"), "done");
		asking += followed_is_asking(followed);
		others += followed_is_over(followed);
	}
	fprintf(stderr,
		"\r\033[K%u devices: %u done, %u ended otherwise, %u ask, %u go on (%u not "
		"shown)\n",
		follow->count, done, others - done, asking, follow->count - others - asking,
		hidden);
}

/* Draw those that are `is_over` or not, as many as there is room for; returns how many. */
static unsigned
draw_some(const struct follow *follow, bool is_over, unsigned room, unsigned name_width,
	  unsigned columns)
{
	unsigned drawn = 0;

	for (unsigned i = 0; i < follow->count && drawn < room; i++) {
		if (followed_is_over(&follow->jobs[i]) != is_over)
			continue;
		draw_job(follow, &follow->jobs[i], name_width, columns);
		drawn++;
	}
	return drawn;
}

void
view_draw(struct follow *follow)
{
	unsigned columns, lines, name_width = 4;

	if (!follow->terminal.is_live)
		return;
	terminal_size(&columns, &lines);
	for (unsigned i = 0; i < follow->count; i++)
		if (strlen(follow->jobs[i].device) > name_width)
			name_width = (unsigned)strlen(follow->jobs[i].device);
	if (name_width > NAME_WIDTH_MAX)
		name_width = NAME_WIDTH_MAX;
	if (follow->drawn_lines > 0)
		fprintf(stderr, "\033[%uA", follow->drawn_lines);
	bool has_room = follow->count + 2 <= lines;
	unsigned room = has_room ? follow->count : lines - 3;
	/* In the order given where all fit; else those that go on come first. */
	unsigned drawn = 0;
	if (has_room) {
		for (; drawn < follow->count; drawn++)
			draw_job(follow, &follow->jobs[drawn], name_width, columns);
	} else {
		drawn = draw_some(follow, false, room, name_width, columns);
		drawn += draw_some(follow, true, room - drawn, name_width, columns);
		draw_summary(follow, follow->count - drawn);
		drawn++;
	}
	follow->drawn_lines = drawn;
	(void)fflush(stderr);
}

void
view_leave(struct follow *follow, bool is_wiped)
{
	if (follow->drawn_lines > 0 && is_wiped)
		fprintf(stderr, "\033[%uA\r\033[J", follow->drawn_lines);
	follow->drawn_lines = 0;
}
