#include "sink/html.h"

#include "attribution/stage.h"
#include "sink/stage_colour.h"

namespace plateau::sink {
namespace {

constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--ground:#fff;--panel:#f6f7f9;--ink:#1b1f24;--faint:#5c6670;--rule:#d5dae0;
--mark:#0072B2;--warm:#D55E00;--cool:#009E73}
@media(prefers-color-scheme:dark){:root{--ground:#14171b;--panel:#1c2127;--ink:#e6e9ed;--faint:#9aa4af;
--rule:#353c45;--mark:#56B4E9;--warm:#F0955A;--cool:#35c79b}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:20px;margin:0 0 4px}
h2{font-size:16px;margin:0 0 10px}
h3{font-size:14px;margin:16px 0 6px;font-weight:600}
section{margin:30px 0 0}
.note,.facts{color:var(--faint);font-size:13px;margin:0 0 10px}
.verdict{border-left:5px solid var(--warm);background:var(--panel);padding:14px 18px;margin:18px 0 0;font-size:17px}
.verdict.none{border-color:var(--cool)}
.verdict p{margin:0 0 8px;max-width:80ch}
.verdict p:last-child{margin:0}
.verdict ul{margin:8px 0 0;padding-left:20px;font-size:14px;color:var(--faint)}
table{border-collapse:collapse;width:100%;font-size:14px}
th{text-align:left;font-weight:600;color:var(--faint);font-size:12px}
td,th{padding:4px 12px 4px 0;border-bottom:1px solid var(--rule);vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.w,code,pre{overflow-wrap:anywhere}
pre,code{font:12.5px/1.5 ui-monospace,monospace}
pre{background:var(--panel);padding:10px 14px;margin:0;overflow-x:auto;white-space:pre}
.row{display:grid;grid-template-columns:52px 84px 1fr;gap:10px;align-items:center;margin:3px 0;font-size:13px}
.row span:nth-child(2){text-align:right;font-variant-numeric:tabular-nums}
.bar{display:flex;height:18px;min-width:3px;background:var(--panel)}
.bar i{display:block;min-width:1px;border-right:1px solid var(--ground)}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:12.5px;margin:0 0 10px}
.legend i{display:inline-block;width:11px;height:11px;margin-right:6px;border-radius:2px;vertical-align:-1px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(440px,1fr));gap:20px}
svg{display:block;width:100%;height:auto;background:var(--panel)}
svg text{font:11px system-ui,sans-serif;fill:var(--faint)}
svg text.title{font-size:12.5px;font-weight:600;fill:var(--ink)}
svg .grid{stroke:var(--rule);stroke-width:1}
svg .a{stroke:var(--mark)}svg .b{stroke:var(--warm)}svg .c{stroke:var(--cool)}
svg .line{fill:none;stroke-width:2;stroke-linejoin:round}
svg .dash{stroke-dasharray:5 4}
svg .today{fill:var(--ink);stroke:var(--ground);stroke-width:2}
svg .dot{stroke:none}svg .dot.a{fill:var(--mark)}svg .dot.b{fill:var(--warm)}svg .dot.c{fill:var(--cool)}
svg .k{fill:var(--ink)}svg text.a{fill:var(--mark);stroke:none}svg text.b{fill:var(--warm);stroke:none}
svg text.c{fill:var(--cool);stroke:none}
.up{font-weight:600}
)";

std::string stage_rules() {
  std::string rules;
  for (std::size_t i = 0; i < attribution::kStages; i++)
    rules += ".s-" + std::string(attribution::kStageNames[i]) +
             "{background:" + std::string(kStageColours[i]) + ";fill:" + std::string(kStageColours[i]) +
             "}\n";
  return rules;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
          out += "\xEF\xBF\xBD";
        else
          out += c;
    }
  return out;
}

std::string page_style() {
  return std::string(kStyle) + stage_rules();
}

std::string page_head(std::string_view title) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
         "'unsafe-inline'\">\n<title>" +
         html_text(title) + "</title>\n<style>" + page_style() + "</style>\n</head>\n<body>\n<main>\n";
}

std::string page_foot() {
  return "</main>\n</body>\n</html>\n";
}

std::string section(std::string_view heading, const std::string& contents, std::string_view note) {
  std::string text = "<section>\n<h2>" + html_text(heading) + "</h2>\n";
  if (!note.empty()) text += "<p class=\"note\">" + html_text(note) + "</p>\n";
  return text + contents + "</section>\n";
}

std::string preformatted(std::string_view text) {
  return "<pre>" + html_text(text) + "</pre>\n";
}

}  // namespace plateau::sink
