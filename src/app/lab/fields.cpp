#include "app/lab/fields.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace plateau::app::lab {
namespace {

using nlohmann::json;

bool all_texts(const json& value) {
  return value.is_array() && std::ranges::all_of(value, [](const json& item) { return item.is_string(); });
}

bool all_numbers(const json& value) {
  return value.is_object() && std::ranges::all_of(value, [](const json& item) { return item.is_number(); });
}

std::string plain(double value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%g", value);
  return text.data();
}

}  // namespace

Fields::Fields(const json& object, std::string where, std::string& error)
    : object_(object), where_(std::move(where)), error_(error) {
  if (!object_.is_object()) complain("must be an object");
}

void Fields::complain(const std::string& what) {
  if (error_.empty()) error_ = where_ + ": " + what;
}

const json* Fields::find(const char* name, bool required) {
  asked_.insert(name);
  if (!object_.is_object()) return nullptr;
  const auto found = object_.find(name);
  if (found != object_.end()) return &*found;
  if (required) complain("'" + std::string(name) + "' is missing");
  return nullptr;
}

void Fields::text(const char* name, std::string& value, bool required) {
  const json* const field = find(name, required);
  if (field == nullptr) return;
  if (!field->is_string()) return complain("'" + std::string(name) + "' must be a text");
  value = field->get<std::string>();
  if (required && value.empty()) complain("'" + std::string(name) + "' must not be empty");
}

void Fields::texts(const char* name, std::vector<std::string>& values, bool required) {
  const json* const field = find(name, required);
  if (field == nullptr) return;
  if (!all_texts(*field)) return complain("'" + std::string(name) + "' must be a list of texts");
  values = field->get<std::vector<std::string>>();
}

void Fields::number(const char* name, double& value, double least, double most) {
  const json* const field = find(name, false);
  if (field == nullptr) return;
  if (!field->is_number() || field->get<double>() < least || field->get<double>() > most)
    return complain("'" + std::string(name) + "' must be a number from " + plain(least) + " to " +
                    plain(most));
  value = field->get<double>();
}

void Fields::number(const char* name, std::optional<double>& value) {
  const json* const field = find(name, false);
  if (field == nullptr) return;
  if (!field->is_number()) return complain("'" + std::string(name) + "' must be a number");
  value = field->get<double>();
}

void Fields::flag(const char* name, bool& value) {
  const json* const field = find(name, false);
  if (field == nullptr) return;
  if (!field->is_boolean()) return complain("'" + std::string(name) + "' must be true or false");
  value = field->get<bool>();
}

void Fields::figures(const char* name, std::map<std::string, double>& values) {
  const json* const field = find(name, false);
  if (field == nullptr) return;
  if (!all_numbers(*field)) return complain("'" + std::string(name) + "' must be an object of numbers");
  values = field->get<std::map<std::string, double>>();
}

const json* Fields::list(const char* name, bool required) {
  const json* const field = find(name, required);
  if (field == nullptr || field->is_array()) return field;
  complain("'" + std::string(name) + "' must be a list");
  return nullptr;
}

void Fields::no_others() {
  if (!object_.is_object()) return;
  for (const auto& [name, value] : object_.items())
    if (!asked_.contains(name)) complain("there is no field '" + name + "'");
}

}  // namespace plateau::app::lab
