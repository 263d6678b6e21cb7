#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace portolan::wire {

// One field of a head; both are views of the head's bytes.
struct Field {
  std::string_view name;
  std::string_view value;

  friend bool operator==(const Field&, const Field&) = default;
};

// The fields of one head, in their order.
//
// Keeps eight bytes a field (offsets from the head's first byte), on the heap
// and reused from request to request: inline they would fill coroutine frames.
// Valid as long as the bytes that were parsed stay where they are.
class Fields {
 public:
  class Iterator {
   public:
    Iterator(const Fields* fields, std::size_t at) : fields_(fields), at_(at) {}
    Field operator*() const { return (*fields_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Fields* fields_;
    std::size_t at_;
  };

  // Empties it, keeps its memory. `head` begins where the next head begins.
  void reset(std::string_view head);

  // Both views lie within 64 KiB behind `head`.
  void add(Field field);

  std::size_t size() const { return spans_.size(); }
  bool empty() const { return spans_.empty(); }
  Field operator[](std::size_t at) const;
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, spans_.size()}; }

  // The value of the first field of that name; case does not matter.
  std::optional<std::string_view> find(std::string_view name) const;

  // How many fields have that name.
  std::size_t count(std::string_view name) const;

 private:
  struct Span {
    std::uint16_t name_at;
    std::uint16_t name_length;
    std::uint16_t value_at;
    std::uint16_t value_length;
  };

  const char* head_ = nullptr;
  std::vector<Span> spans_;
};

// Equal but for the case of ASCII letters.
bool equal_ignoring_case(std::string_view first, std::string_view other);

// A token of RFC 9110 section 5.6.2: a method or the name of a field.
bool is_token(std::string_view text);

// May stand as a field's value: visible characters, spaces, tabs and bytes from
// 0x80, with neither space nor tab at its ends. Ask this before text that came
// from a body or a file is put into a head.
bool is_field_value(std::string_view text);

}  // namespace portolan::wire
