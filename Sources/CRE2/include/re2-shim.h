#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// RE2 is C++, which Swift does not import here. These functions are all that is used of it. None of them
// lets a C++ exception out. A text is its bytes and their number, without a zero at the end.

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled regular expression. It does not change, and any number of threads may match with it.
typedef struct weir_re2 weir_re2;

/// Compiles a pattern in UTF-8. NULL if RE2 refuses it: `error` then has the reason, cut and terminated.
///
/// `memory` bounds in bytes what the expression and what it learns while it matches take.
weir_re2 *weir_re2_new(
    const char *pattern, size_t length, int64_t memory, char *error, size_t error_size);

void weir_re2_delete(weir_re2 *expression);

/// The number of groups, without the whole match.
int weir_re2_groups(const weir_re2 *expression);

/// The name of a group, from 1; NULL if it has none. It lives as long as the expression.
const char *weir_re2_group_name(const weir_re2 *expression, int group);

/// Searches `text`, which is UTF-8, for the leftmost match, of several there the one that Perl would take.
///
/// 1 if it is found, 0 if not, -1 if memory is short. If found, `ranges` has start and
/// end of the whole match and of the groups below `groups`, -1 and -1 for one that took no part. With 0
/// groups it is faster.
int weir_re2_match(
    const weir_re2 *expression, const char *text, size_t length, ptrdiff_t *ranges, int groups);

/// Several expressions, and short texts ("atoms") of which a name must have some for each of them to match.
typedef struct weir_re2_filter weir_re2_filter;

/// NULL if memory is short. No atom is shorter than `shortest` bytes.
weir_re2_filter *weir_re2_filter_new(int shortest);

void weir_re2_filter_delete(weir_re2_filter *filter);

/// Adds a pattern that `weir_re2_new` has accepted. Its number, from 0; negative if it is refused.
int weir_re2_filter_add(
    weir_re2_filter *filter, const char *pattern, size_t length, int64_t memory);

/// Ends adding. The number of atoms, which are in lower case; negative if memory is short.
int weir_re2_filter_compile(weir_re2_filter *filter);

/// The atom with a number. It lives as long as the filter.
const char *weir_re2_filter_atom(const weir_re2_filter *filter, int atom, size_t *length);

/// The patterns that may match a text in which the given atoms were found, in ascending order: at most
/// `room` of them are written. Their number; negative if memory is short. Several threads may ask at
/// once.
int weir_re2_filter_candidates(
    const weir_re2_filter *filter, const int *atoms, int atom_count, int *candidates, int room);

#ifdef __cplusplus
}
#endif
