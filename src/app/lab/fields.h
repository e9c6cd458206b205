// Reading a JSON object strictly: every field known, of the right type, and errors that say where. Pure.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace plateau::app::lab {

class Fields {
 public:
  // `where` begins each error; the first error of all that share `error` stays.
  Fields(const nlohmann::json& object, std::string where, std::string& error);

  // A field that is not there leaves the value as it is, unless it is `required`.
  void text(const char* name, std::string& value, bool required = false);
  void texts(const char* name, std::vector<std::string>& values, bool required = false);
  void number(const char* name, double& value, double least, double most);
  void number(const char* name, std::optional<double>& value);
  void flag(const char* name, bool& value);
  void figures(const char* name, std::map<std::string, double>& values);
  // nullptr if it is not there; an error if it is not an array.
  const nlohmann::json* list(const char* name, bool required = false);

  // Says that something is wrong here.
  void complain(const std::string& what);
  const std::string& where() const { return where_; }

  // To be called last: complains of a field that nobody asked for.
  void no_others();

 private:
  const nlohmann::json* find(const char* name, bool required);

  const nlohmann::json& object_;
  std::string where_;
  std::string& error_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace plateau::app::lab
