/* Help, out of the tables. */
#include "cli/room.h"

#include <string.h>

enum { GUESS_MAX = 64, LINE_WIDTH = 78 };

void
help_all(FILE *out)
{
	fputs("Usage: drydock VERB ...\n\nUpgrades network equipment without losing its "
	      "configuration.\n\n",
	      out);
	for (unsigned i = 0; verbs[i] != NULL; i++)
		fprintf(out, "  %-18s %s\n", verbs[i]->name, verbs[i]->summary);
	fputs("\ndrydock VERB --help tells more. The manager is the one of $DRYDOCK_DATA or "
	      "$DRYDOCK_SERVER, or of --data or --server.\n",
	      out);
}

void
help_names(FILE *out)
{
	unsigned column = 0;

	for (unsigned i = 0; verbs[i] != NULL; i++) {
		unsigned size = (unsigned)strlen(verbs[i]->name) + 2;
		if (column == 0 || column + size > LINE_WIDTH) {
			fprintf(out, "%s  ", column > 0 ? "\n" : "");
			column = 2;
		}
		fprintf(out, "%s%s", verbs[i]->name, verbs[i + 1] != NULL ? ", " : "\n");
		column += size;
	}
}

static void
print_rows(FILE *out, const struct option_row *rows)
{
	char left[64];

	for (; rows != NULL && rows->name != NULL; rows++) {
		(void)text_print(left, sizeof(left), "--%s%s%s", rows->name,
				 rows->metavar != NULL ? " " : "",
				 rows->metavar != NULL ? rows->metavar : "");
		fprintf(out, "  %-26s %s%s\n", left, rows->help,
			rows->is_many ? "; may be given several times" : "");
	}
}

void
help_verb(FILE *out, const struct verb *verb)
{
	bool has_options = verb->options[0] != NULL;

	fprintf(out, "Usage: drydock %s%s%s%s\n\n%s.\n\n", verb->name,
		verb->arguments[0] != '\0' ? " " : "", verb->arguments,
		has_options ? " [OPTION]..." : "", verb->summary);
	for (size_t i = 0; i < ARRAY_COUNT(verb->options); i++)
		print_rows(out, verb->options[i]);
	if (has_options)
		fputs("\n", out);
	print_rows(out, options_of_all);
}

bool
help_group(FILE *out, const char *word)
{
	size_t size = strlen(word);
	bool was_found = false;

	for (unsigned i = 0; verbs[i] != NULL; i++) {
		if (strncmp(verbs[i]->name, word, size) != 0 || verbs[i]->name[size] != ' ')
			continue;
		fprintf(out, "  drydock %s%s%s\n      %s\n", verbs[i]->name,
			verbs[i]->arguments[0] != '\0' ? " " : "", verbs[i]->arguments,
			verbs[i]->summary);
		was_found = true;
	}
	return was_found;
}

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* How many characters must be put in, left out or changed (Levenshtein 1965). */
static unsigned
distance(const char *a, const char *b)
{
	unsigned row[GUESS_MAX + 1];
	size_t b_size = strnlen(b, GUESS_MAX);

	for (unsigned j = 0; j <= b_size; j++)
		row[j] = j;
	for (unsigned i = 1; a[i - 1] != '\0'; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= b_size; j++) {
			unsigned above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_size];
}

const struct verb *
help_guess(const char *typed)
{
	const struct verb *best = NULL;
	unsigned best_distance = 4; /* further away it is no guess any more */

	for (unsigned i = 0; verbs[i] != NULL; i++) {
		size_t name_size = strlen(verbs[i]->name);
		unsigned d = distance(typed, verbs[i]->name);
		/* `upgrad box1`: the second word is an argument. */
		const char *blank = strchr(typed, ' ');
		if (blank != NULL && strchr(verbs[i]->name, ' ') == NULL) {
			char first[GUESS_MAX];
			(void)text_print(first, sizeof(first), "%.*s", (int)(blank - typed), typed);
			d = distance(first, verbs[i]->name);
		}
		if (d < best_distance && d <= name_size / 2) {
			best_distance = d;
			best = verbs[i];
		}
	}
	return best;
}
