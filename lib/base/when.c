/* SPDX-License-Identifier: ISC */
/*
 * when: days are counted from 1970-01-01 in the proleptic Gregorian calendar,
 * so that an offset can cross midnight, months and years.
 */
#include "base/when.h"

#include <stdio.h>
#include <time.h>

/* Days of a civil date, and back (years from March, eras of 400 years). */
static int64_t days_from_civil(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void civil_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;

	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(y + era * 400 + (*month <= 2));
}

/* Returns the length, 0 where the year has more or less than four digits. */
static size_t put_digits(int64_t seconds, struct span fraction, char to[WHEN_MAX])
{
	int64_t days = seconds / 86400, rest = seconds % 86400;
	int year, month, day;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	civil_from_days(days, &year, &month, &day);
	if (year < 0 || year > 9999)
		return 0;
	return (size_t)snprintf(to, WHEN_MAX, "%04d-%02d-%02dT%02d:%02d:%02d%.*sZ", year, month, day,
	                        (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60),
	                        (int)fraction.len, fraction.data);
}

bool when_at(int64_t seconds, char to[WHEN_MAX])
{
	return put_digits(seconds, span_of(""), to) > 0;
}

const char *when_in(int64_t seconds, char to[WHEN_MAX])
{
	if (!put_digits((int64_t)time(NULL) + seconds, span_of(""), to))
		snprintf(to, WHEN_MAX, "9999-12-31T23:59:59Z");
	return to;
}

const char *when_now(char to[WHEN_MAX])
{
	return when_in(0, to);
}

static inline bool is_one_of(char c, const char *choice)
{
	while (*choice && *choice != c)
		choice++;
	return *choice != '\0';
}

/* Takes `count` digits and one byte of `ends` off the front; -1 where they are
   not there. */
static inline int read_digits(struct span *text, size_t count, const char *ends)
{
	int value = 0;

	if (text->len < count + (*ends != '\0'))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (text->data[i] < '0' || text->data[i] > '9')
			return -1;
		value = value * 10 + (text->data[i] - '0');
	}
	if (*ends && !is_one_of(text->data[count], ends))
		return -1;
	count += *ends != '\0';
	*text = (struct span){text->data + count, text->len - count};
	return value;
}

static int month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* ".120" off the front, less its trailing zeros and nothing for ".000". */
static struct span read_fraction(struct span *text)
{
	struct span digits = {text->data, 0};

	if (text->len < 2 || text->data[0] != '.' || text->data[1] < '0' || text->data[1] > '9')
		return digits;
	digits.len = 1;
	while (digits.len < text->len && text->data[digits.len] >= '0' && text->data[digits.len] <= '9')
		digits.len++;
	*text = (struct span){text->data + digits.len, text->len - digits.len};
	while (digits.len && (digits.data[digits.len - 1] == '0' || digits.len == 1))
		digits.len--;
	return digits;
}

/* "Z", "+02:00", "-0530", or hours alone ("+02", as PostgreSQL writes them) to seconds. */
static bool read_zone(struct span text, int64_t *seconds)
{
	int64_t sign, hours, minutes;

	*seconds = 0;
	if (text.len == 1 && (text.data[0] == 'Z' || text.data[0] == 'z'))
		return true;
	if (text.len < 3 || (text.data[0] != '+' && text.data[0] != '-'))
		return false;
	sign = text.data[0] == '-' ? -1 : 1;
	text = (struct span){text.data + 1, text.len - 1};
	hours = read_digits(&text, 2, text.len == 5 ? ":" : "");
	minutes = text.len ? read_digits(&text, 2, "") : 0;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && text.len == 0;
}

size_t when_utc(struct span text, char to[WHEN_MAX])
{
	const char *whole = text.data;
	int year = read_digits(&text, 4, "-"), month = read_digits(&text, 2, "-"),
		day = read_digits(&text, 2, "Tt ");
	int64_t hour = read_digits(&text, 2, ":"), minute = read_digits(&text, 2, ":");
	int64_t second = read_digits(&text, 2, "");
	struct span parts = read_fraction(&text);
	int64_t offset;

	if (year < 0 || month < 1 || month > 12 || day < 1 || day > month_days(year, month) ||
	    hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 ||
	    parts.len > 12 || !read_zone(text, &offset))
		return 0;
	if (!offset && second < 60) {
		/* in UTC already: most times are, and a snapshot has millions */
		memcpy(to, whole, 19);
		to[10] = 'T';
		memcpy(to + 19, parts.data, parts.len);
		memcpy(to + 19 + parts.len, "Z", 2);
		return 20 + parts.len;
	}
	return put_digits(days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 +
	                      second - offset,
	                  parts, to);
}

int when_compare(struct span a, struct span b)
{
	char a_utc[WHEN_MAX], b_utc[WHEN_MAX];
	size_t a_len = when_utc(a, a_utc), b_len = when_utc(b, b_utc);

	if (!a_len || !b_len)
		return span_compare(a, b);
	/* without the Z, so that ".5" sorts after no fraction */
	return span_compare((struct span){a_utc, a_len - 1}, (struct span){b_utc, b_len - 1});
}

bool when_seconds(struct span text, int64_t *seconds)
{
	char utc[WHEN_MAX];
	struct span rest = {utc, when_utc(text, utc)};
	int year, month, day;

	if (!rest.len)
		return false;
	year = read_digits(&rest, 4, "-");
	month = read_digits(&rest, 2, "-");
	day = read_digits(&rest, 2, "T");
	*seconds = days_from_civil(year, month, day) * 86400;
	*seconds += (int64_t)read_digits(&rest, 2, ":") * 3600;
	*seconds += (int64_t)read_digits(&rest, 2, ":") * 60;
	*seconds += read_digits(&rest, 2, "");
	return true;
}

bool when_minus(struct span text, int64_t seconds, char to[WHEN_MAX])
{
	int64_t time;

	return when_seconds(text, &time) && put_digits(time - seconds, span_of(""), to) > 0;
}

bool when_day_or_time(struct span text, int64_t *seconds)
{
	char day[] = "2026-01-01T23:59:59Z";

	if (text.len != strlen("2026-01-01"))
		return when_seconds(text, seconds);
	memcpy(day, text.data, text.len);
	return when_seconds(span_of(day), seconds);
}

void when_raise(struct span text, int64_t *latest)
{
	int64_t seconds;

	if (when_seconds(text, &seconds) && seconds > *latest)
		*latest = seconds;
}
