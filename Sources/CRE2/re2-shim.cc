#include "re2-shim.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

using Text = re2::StringPiece;

/// Groups of one search. RE2 itself allows more; no template of a mapping file does.
constexpr int groups_max = 1024;

re2::RE2::Options options(int64_t memory) {
  re2::RE2::Options options(re2::RE2::DefaultOptions);
  options.set_encoding(re2::RE2::Options::EncodingUTF8);
  options.set_log_errors(false);
  options.set_max_mem(memory);
  return options;
}

void copy(const std::string &text, char *to, size_t size) {
  if (size == 0) return;
  const size_t length = std::min(text.size(), size - 1);
  std::memcpy(to, text.data(), length);
  to[length] = 0;
}

}  // namespace

struct weir_re2 {
  re2::RE2 expression;
  const std::map<int, std::string> &names;

  weir_re2(Text pattern, int64_t memory)
      : expression(pattern, options(memory)), names(expression.CapturingGroupNames()) {}
};

struct weir_re2_filter {
  re2::FilteredRE2 filter;
  std::vector<std::string> atoms;

  explicit weir_re2_filter(int shortest) : filter(shortest) {}
};

weir_re2 *weir_re2_new(
    const char *pattern, size_t length, int64_t memory, char *error, size_t error_size) try {
  auto made = std::make_unique<weir_re2>(Text(pattern, length), memory);
  if (made->expression.ok()) return made.release();
  copy(made->expression.error(), error, error_size);
  return nullptr;
} catch (...) {
  if (error_size > 0) error[0] = 0;
  return nullptr;
}

void weir_re2_delete(weir_re2 *expression) { delete expression; }

int weir_re2_groups(const weir_re2 *expression) {
  return expression->expression.NumberOfCapturingGroups();
}

const char *weir_re2_group_name(const weir_re2 *expression, int group) {
  const auto found = expression->names.find(group);
  return found == expression->names.end() ? nullptr : found->second.c_str();
}

int weir_re2_match(
    const weir_re2 *expression, const char *text, size_t length, ptrdiff_t *ranges, int groups) try {
  // An empty Text without an address would be confused with a group that took no part.
  const Text whole(length == 0 ? "" : text, length);
  if (groups <= 0) {
    return expression->expression.Match(
        whole, 0, length, re2::RE2::UNANCHORED, nullptr, 0);
  }
  std::vector<Text> found(std::min(groups, groups_max));
  if (!expression->expression.Match(
          whole, 0, length, re2::RE2::UNANCHORED, found.data(), static_cast<int>(found.size()))) {
    return 0;
  }
  for (int group = 0; group < groups; group++) {
    const bool took_part =
        group < static_cast<int>(found.size()) && found[group].data() != nullptr;
    ranges[2 * group] = took_part ? found[group].data() - whole.data() : -1;
    ranges[2 * group + 1] =
        took_part ? ranges[2 * group] + static_cast<ptrdiff_t>(found[group].size()) : -1;
  }
  return 1;
} catch (...) {
  return -1;
}

weir_re2_filter *weir_re2_filter_new(int shortest) try {
  return new weir_re2_filter(shortest);
} catch (...) {
  return nullptr;
}

void weir_re2_filter_delete(weir_re2_filter *filter) { delete filter; }

int weir_re2_filter_add(
    weir_re2_filter *filter, const char *pattern, size_t length, int64_t memory) try {
  int number = -1;
  const auto code = filter->filter.Add(Text(pattern, length), options(memory), &number);
  return code == re2::RE2::NoError ? number : -1;
} catch (...) {
  return -1;
}

int weir_re2_filter_compile(weir_re2_filter *filter) try {
  filter->filter.Compile(&filter->atoms);
  return static_cast<int>(filter->atoms.size());
} catch (...) {
  return -1;
}

const char *weir_re2_filter_atom(const weir_re2_filter *filter, int atom, size_t *length) {
  const std::string &text = filter->atoms[atom];
  *length = text.size();
  return text.data();
}

int weir_re2_filter_candidates(
    const weir_re2_filter *filter, const int *atoms, int atom_count, int *candidates, int room) try {
  std::vector<int> found;
  filter->filter.AllPotentials(std::vector<int>(atoms, atoms + atom_count), &found);
  std::sort(found.begin(), found.end());
  std::copy_n(found.begin(), std::min<size_t>(found.size(), std::max(room, 0)), candidates);
  return static_cast<int>(found.size());
} catch (...) {
  return -1;
}
