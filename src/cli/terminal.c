/* The terminal and the clock of the person who sits there. */
#include "cli/room.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static bool
colour_is_wanted(void)
{
	const char *none = getenv("NO_COLOR"), *kind = getenv("TERM");

	return (none == NULL || none[0] == '\0') && kind != NULL && !text_equal(kind, "dumb");
}

static bool
characters_are_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		const char *value = getenv(names[i]);
		if (value != NULL && value[0] != '\0')
			return strcasestr(value, "utf-8") != NULL ||
			       strcasestr(value, "utf8") != NULL;
	}
	return false;
}

void
terminal_look(struct terminal *terminal)
{
	const char *kind = getenv("TERM");

	terminal->is_asking = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
	terminal->is_live = isatty(STDERR_FILENO) == 1 && kind != NULL && !text_equal(kind, "dumb");
	terminal->has_colour = terminal->is_live && colour_is_wanted();
	terminal->has_blocks = characters_are_utf8();
}

bool
stdout_has_colour(void)
{
	return isatty(STDOUT_FILENO) == 1 && colour_is_wanted();
}

void
terminal_size(unsigned *ret_columns, unsigned *ret_lines)
{
	struct winsize size = { 0 };

	(void)ioctl(STDERR_FILENO, TIOCGWINSZ, &size); /* zeros where it can't say */
	*ret_columns = size.ws_col >= 20 ? size.ws_col : 80;
	*ret_lines = size.ws_row >= 4 ? size.ws_row : 24;
}

int64_t
clock_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* can't fail with this clock */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
sleep_ms(unsigned ms)
{
	(void)poll(NULL, 0, (int)ms); /* shorter where a signal comes */
}

/* ---- a line ---- */

enum { KEY_CANCEL = 3, KEY_END = 4, KEY_BACK = 8, KEY_KILL = 21, KEY_DELETE = 127 };

/* Key by key, as signals are off: whoever cancels must find the echo on again. */
static bool
read_keys(char *line, size_t size)
{
	size_t used = 0;
	char key;

	for (;;) {
		ssize_t n = read(STDIN_FILENO, &key, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || key == KEY_CANCEL || (key == KEY_END && used == 0))
			return false;
		if (key == '\n' || key == '\r' || key == KEY_END)
			break;
		if (key == KEY_KILL)
			used = 0;
		else if (key == KEY_BACK || key == KEY_DELETE)
			used -= used > 0;
		else if (used + 1 < size)
			line[used++] = key;
	}
	line[used] = '\0';
	return true;
}

/* The echo is off before the prompt tells anybody to type. */
static bool
read_secret(const char *prompt, char *line, size_t size)
{
	struct termios before, silent;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return false;
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
	silent.c_cc[VMIN] = 1;
	silent.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) < 0)
		return false;
	fputs(prompt, stderr);
	(void)fflush(stderr);
	bool was_read = read_keys(line, size);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before); /* nothing else can be done */
	fputc('\n', stderr);
	return was_read;
}

bool
read_line(const char *prompt, bool is_secret, char *line, size_t size)
{
	bool is_terminal = isatty(STDIN_FILENO) == 1;

	if (is_terminal && is_secret)
		return read_secret(prompt, line, size);
	if (is_terminal) {
		fputs(prompt, stderr);
		(void)fflush(stderr);
	}
	size_t used = 0;
	int key = getc(stdin);
	if (key == EOF)
		return false;
	for (; key != EOF && key != '\r' && key != '\n'; key = getc(stdin)) {
		if (key == '\0' || used + 1 == size)
			return false; /* no text, or longer than anything that is meant */
		line[used++] = (char)key;
	}
	line[used] = '\0';
	return true;
}
