//go:build linux

package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"

	"epochtime/harness/record"
)

// damaged is a text that was a record.
type damaged struct {
	name, text string
	bad        bool // no record, whatever record.Read says
}

// damages are records in which something is wrong.
func damages(whole string) []damaged {
	var out []damaged
	for i := range 24 {
		at := len(whole) * i / 24
		out = append(out, damaged{fmt.Sprintf("cut-at-%d", at), whole[:at], true})
	}
	out = append(out, damaged{"without-its-last-brace", strings.TrimRight(whole, "} \n"), true})
	random := rand.New(rand.NewPCG(12, 1))
	for i := range 40 {
		text := []byte(whole)
		text[random.IntN(len(text))] ^= 1 << random.IntN(8)
		out = append(out, damaged{fmt.Sprintf("a-bit-flipped-%d", i), string(text), false})
	}
	for i := range 8 {
		text, at := []byte(whole), random.IntN(len(whole)-4096)
		clear(text[at : at+4096])
		out = append(out, damaged{fmt.Sprintf("a-page-of-zeros-%d", i), string(text), true})
	}
	for _, change := range []struct{ from, to string }{
		{`"schema": 1`, `"schema": 2`}, {`"schema": 1`, `"schema": "1"`}, {`"schema": 1`, `"schema": null`},
		{`"status": "complete"`, `"status": "wonderful"`}, {`"kind": "`, `"kind": "x`}, {`"blocks": 6`, `"blocks": "six"`}, {`"blocks": 6`, `"blocks": 1e999`},
		{`"seconds": 0.0002`, `"seconds": -0.0002`}, {`"seconds": 0.0002`, `"seconds": 1e999`}, {`"seconds": 0.0002`, `"seconds": NaN`}, {`"seconds": 0.0002`, `"seconds": {}`},
		{`"wait_s": `, `"wait_s": -`}, {`"order": 0`, `"order": -1`}, {`"machine": 0`, `"machine": 99`}, {`"machine": 0`, `"machine": -1`}, {`"machine": 0`, `"machine": 9223372036854775807`},
		{`"status": "ok"`, `"status": "okay"`}, {`"status": "ok"`, `"status": 7`}, {`"runs": [`, `"runs": 7, "was": [`}, {`"id": "`, `"id": "", "was": "`},
		{`"feed": "batches"`, `"feed": "mouth"`}, {`"batch": 32`, `"batch": -32`}, {`"started": "`, `"started": "yesterday `}, {`"launches": [`, `"launches": {}, "was": [`},
		{`"peak_rss_bytes": `, `"peak_rss_bytes": -`}, {`"steal_s": 0`, `"steal_s": -1`},
	} {
		out = append(out, damaged{fmt.Sprintf("%s-for-%s", change.to, change.from), strings.Replace(whole, change.from, change.to, 1), true})
	}
	return append(out,
		damaged{"empty", "", true}, damaged{"a-brace", "{", true}, damaged{"null", "null", true}, damaged{"a-list", "[]", true}, damaged{"an-empty-object", "{}", true},
		damaged{"bytes", "\x00\xff\xfe\x1b[2J", true}, damaged{"html", "<html><body>404</body></html>", true}, damaged{"two-records", whole + whole, true},
		damaged{"deep-nesting", strings.Repeat(`{"runs":[`, 50000), true}, damaged{"deep-lists", strings.Repeat("[", 1000000), true},
		damaged{"a-long-string", `{"schema":1,"id":"` + strings.Repeat("x", 10<<20) + `"}`, true},
		damaged{"with-a-byte-order-mark", "\xef\xbb\xbf" + whole, false}, damaged{"in-UTF-16", strings.Join(strings.Split(whole, ""), "\x00"), true})
}

// formats of epochtime report.
var formats = []string{"text", "markdown", "csv", "json", "benchfmt", "openmetrics", "junit", "mllog"}

// recordFaults are records that were damaged, or made to harm, given to every verb that
// reads one.
func recordFaults(c *campaign) []fault {
	var out []fault
	for _, sample := range []struct{ kind, text string }{{"run", c.samples.run}, {"ab", c.samples.ab}} {
		for i, d := range damages(sample.text) {
			if sample.kind == "ab" && i%4 != 0 {
				continue
			}
			out = append(out, fault{kind: "records", name: sample.kind + "/" + d.name, short: i%16 == 0 && sample.kind == "run", try: func(s *sandbox) {
				s.tryRecord(sample.kind, d, formats[i%len(formats)])
			}})
		}
	}
	return out
}

// tryRecord gives a damaged record to the verbs. They may take it only if it can be
// read, and if it is one.
func (s *sandbox) tryRecord(verb string, d damaged, format string) {
	s.put("damaged.json", d.text)
	s.put("whole.json", s.samples.run)
	rec, err := record.Read(bytes.NewBufferString(d.text))
	if err == nil && d.bad {
		s.note(silent, "it is read as a record")
	}
	codes := []int{1}
	if err == nil {
		codes = []int{0, 1, 2, 3, 4} // such as for a graph that the other does not have
	}
	readers := [][]string{
		{"report", "damaged.json"}, {"report", "damaged.json", "--format", format}, {"report", "whole.json", "--base", "damaged.json"},
		{"compare", "whole.json", "damaged.json"}, {"compare", "damaged.json", "whole.json"}, {"history", "import", "damaged.json"},
	}
	for _, args := range readers {
		s.want(s.epochtime(args...), codes...)
	}
	if s.get("damaged.json") != d.text {
		s.note(lost, "a verb that reads changed the file")
	}
	if err != nil || rec.Status == record.Incomplete {
		s.want(s.epochtime(verb, "--resume", "damaged.json", "--allow-concurrent"), codes...)
	}
	if err != nil && s.get("damaged.json") != d.text {
		s.note(lost, "--resume overwrote a file that it could not read")
	}
}
