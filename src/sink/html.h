// Pieces of a page that needs nothing but itself: no script, no request to anywhere.
#pragma once

#include <string>
#include <string_view>

namespace plateau::sink {

// Text as a browser is to show it, in an element or in a quoted attribute, whatever it holds: markup is
// escaped, control characters are replaced.
std::string html_text(std::string_view text);

// How a page looks, the stages' colours included (classes s-<stage>): CSS.
std::string page_style();

// From <!doctype> to <main>, and from there to the end. `title` is escaped.
std::string page_head(std::string_view title);
std::string page_foot();

// <section> with its heading; `contents` is markup.
std::string section(std::string_view heading, const std::string& contents, std::string_view note = {});

// Text that is aligned by spaces.
std::string preformatted(std::string_view text);

}  // namespace plateau::sink
