#pragma once

#include <string>

#include "wire/json_value.h"

namespace portolan::cli {

// What an opening showed at each gate, with the evidence, how its shares went, and what was not
// asked and why: of one (/admin/v1/openings/NAME).

// For a terminal or a mail.
std::string render_opening_report(const wire::Json& opening);
// One file of HTML that needs no other, fit for a browser and for paper. No text of the opening is
// read as markup.
std::string render_opening_page(const wire::Json& opening);

}  // namespace portolan::cli
