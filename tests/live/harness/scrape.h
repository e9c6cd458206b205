// What a scraper gets.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace plateau::live {

// Why fetch() cannot work here; empty: it can.
std::string missing_curl();

// The body of what curl gets from the URL with these options; empty if nothing comes.
std::string fetch(const std::string& url, const std::vector<std::string>& options = {});

// Every sample of a page of metrics, "name{labels}" as written, to its value; none of a page that is
// something else.
std::map<std::string, double> samples_of(const std::string& page);

// Of all samples of that name; -1 if there is none.
double sum_of(const std::map<std::string, double>& samples, const std::string& name);

}  // namespace plateau::live
