// Package hostile holds, for tests, text that attacks what shows it, and finds what of
// it came through.
package hostile

import (
	"fmt"
	"strings"
)

// forged begins a line that no program wrote.
const forged = "FORGED"

// alone are attacks that each are a text of their own.
var alone = []string{
	// Terminals: colours, title, clipboard, links, answers that are typed, screens.
	"\x1b[31mred\x1b[0m", "\x1b]0;title\a", "\x1b]2;title\x1b\\", "\x1b]52;c;cm0gLXJm\a", "\x1b]8;;http://evil.example\x1b\\ok\x1b]8;;\x1b\\",
	"\x1b[2J\x1b[H", "\x1b[1A\x1b[2Kok", "\x1bP$q\"p\x1b\\", "\x1b[6n", "\x1b[?1049h", "\x1b(0", "\x1bc", "\x1b#8", "\x1b[21t", "\x1b]1337;File=:AA==\a",
	"\x9b31mred", "\xc2\x9b31mred", "\u009d0;title\u009c", "\x1b", "ok\rFORGED", "abc\b\b\bxyz", "a\v b\f", "\x0e\x0f",
	// Lines.
	"a\nFORGED", "a\r\nFORGED", "a\n\n\nFORGED", "a\n\nFORGED: same\n", "a\u2028FORGED", "a\u2029FORGED", "a\u0085FORGED", "\n", "\t", "\t=1", " \t \n ",
	"a\nepochtime_launches 7\n# EOF\nFORGED", "a\nBenchmarkEpoch 1 1 sec/epoch\nFORGED", "a\nok\tepochtime\t0.1s\nFORGED",
	// Order and shape.
	"\u202egnp.exe", "a\u202eb\u202cc", "\u2066a\u2069", "\u2067\u2068", "\u200ea\u200f", "\u061c1", "a\u200bb", "a\u200cb", "a\u200db", "\ufeffa", "a\u2060b", "a\u00adb",
	"\u180e", "\u3164", "\uffa0", "\u115f\u1160", "\u034f", "\U000e0041\U000e0042\U000e007f", "a\U000e0100", "\ufff9a\ufffab\ufffb", "e\u0301", "e" + strings.Repeat("\u0301", 200),
	"\u0301first", strings.Repeat("\u20dd", 64), "👨\u200d👩\u200d👧", "🏳️\u200d🌈", "❤️", "ｃｎｎ", "сnn", "漢字\u3000漢字", "ﷺ", "𒐫", "\U0001d173", "\U0010ffff", "\ue000",
	// Not UTF-8.
	"\xff", "\xc0\xaf", "a\xe2\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x80\xaeafter", "\x80\x81", "\xf0\x9f\x98",
	// Spreadsheets (OWASP, CSV Injection).
	"=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://evil.example\",\"ok\")", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "a;=1+1", "a,=1+1", "\"=1+1",
	"\",=1+1", "a\";=1+1", "'=1+1", "''=1", "'", "＝1+1", "＋1", "－1+x", "＠SUM(1)", "a|=1+1", "=1+1\";=1+1", "-5", "+5", "-1e-3", "1e5", "-", "=", "@", "a;'=1", "a; -x", "=IMPORTXML(\"http://evil.example\",\"//a\")",
	// Markdown.
	"a|b", "|", `a\|b`, `a\`, "`code`", "`", "``` ", "``a`", "a `` b", "**bold**", "_i_", "~~gone~~", "# head", "- item", "+ item", "1. item", "2) item", "> quote", "    code", "---", "===",
	"[ok](http://evil.example)", "![ok](http://evil.example/x.png)", "[ok](javascript:alert(1))", "<http://evil.example>", "http://evil.example", "www.evil.example", "a@evil.example", "@everyone", "#1", "GH-1",
	"owner/name#1", "$x$", "$$x$$", "[^1]", "[a]: http://evil.example", "<!-- ", "-->", "&lt;", "&#60;", "&nbsp;", ":smile:", "|---|", "~~~", "a  \nFORGED",
	// HTML and XML.
	"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</td></table>", "</testcase><testcase name=\"ok\"/>", "]]>", "<![CDATA[", "<?xml?>", "<!DOCTYPE a>", "&xxe;", "\"><b>", "' onload='x", "<br>",
	// Formats of lines.
	"a\"} 1", `a"b`, `\"`, `\n`, `\\`, "{}", "# EOF", "# TYPE a gauge", "a=b", "a/b", "a-8", "Benchmark", ":::MLLOG {}", "pkg: a", "%s%n%d", "%00", "$(id)", "`id`", "; rm -rf /", "'; id; '", "$'\\x1b'", "--help", "-rf", "~", "*", "!!",
	// What the neutralised text looks like.
	`\u202e`, `\x1b`, `\u005cu202e`, `\\u202e`, `\u20` + "\u202e", `\ud83d\ude00`, `\ud83d`, `C:\users`,
	// Words of a verdict.
	"same", "ok", "PASS", "NaN", "null", "", " ", "true",
}

// Strings returns more than 200 different hostile texts.
func Strings() []string {
	out := append([]string(nil), alone...)
	for c := rune(0); c < 0x20; c++ { // every control character, within a name
		out = append(out, fmt.Sprintf("c%ca", c))
	}
	for c := rune(0x7f); c <= 0x9f; c++ {
		out = append(out, fmt.Sprintf("c%ca", c))
	}
	return append(out, strings.Repeat("long", 200), strings.Repeat("\u202e", 50), strings.Repeat("=", 200), strings.Repeat("\x1b[1m", 50), "last")
}
