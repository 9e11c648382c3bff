// Command gatecheck finds how often verdicts are wrong, and which slowdowns they
// detect. It resamples recorded launches in contiguous pieces, injects slowdowns,
// simulates launches, and writes the tables in docs/statistics.md. 'make gate-check'
// runs it.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
)

func main() {
	doc := flag.String("doc", "", "Markdown `FILE` whose tables are rewritten (default: they are printed)")
	tries := flag.Int("tries", 10000, "`N` resamplings per figure")
	seed := flag.Uint64("seed", 1, "seed `N` of the random numbers")
	only := flag.String("only", "", "`NAMES` of the tables to make, such as nights,stated (default: all)")
	own := flag.String("record", "", "`FILE` that 'epochtime run --json' wrote, with at least 80 launches (default: the recording in testdata)")
	flag.Parse()
	if err := check(*doc, *own, *only, *tries, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "gatecheck:", err)
		os.Exit(1)
	}
}

// section is a table of the document, with its name there.
type section struct {
	name string
	make func() (string, error)
}

func check(doc, own, only string, tries int, seed uint64) error {
	r, err := recording(own)
	if err != nil {
		return err
	}
	slow, err := readSlowed()
	if err != nil {
		return err
	}
	sections, err := chosen(all(r, slow, tries, seed), only)
	if err != nil {
		return err
	}
	var tables []string
	for _, s := range sections {
		fmt.Fprintf(os.Stderr, "%s …\n", s.name)
		table, err := s.make()
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		tables = append(tables, table)
	}
	if doc == "" {
		for i, s := range sections {
			fmt.Printf("%s\n\n%s\n", s.name, tables[i])
		}
		return nil
	}
	return write(doc, sections, tables)
}

// all are the tables of the document.
func all(r recorded, slow []slowing, tries int, seed uint64) []section {
	fewer := max(1, tries/5)
	machines := append(singles(r), shaped()...)
	var workers []source
	for _, s := range slow {
		workers = append(workers, s.source())
	}
	known := &truths{tries: fewer, seed: seed}
	return []section{
		{"false-alarms", func() (string, error) { return falseAlarms(r, fewer, seed) }},
		{"nights", func() (string, error) { return nights(nightSources(r), fewer, seed) }},
		{"smallest", func() (string, error) { return smallest(machines, known) }},
		{"stated", func() (string, error) { return stated(machines, known, fewer, seed) }},
		{"called", func() (string, error) { return called(slow, fewer, seed) }},
		{"called-smallest", func() (string, error) { return smallest(workers, known) }},
		{"called-stated", func() (string, error) { return stated(workers, known, fewer, seed) }},
		{"attack", func() (string, error) { return attack(fewer, seed) }},
		{"wrong", func() (string, error) { return wrong(r, tries, seed) }},
		{"coverage", func() (string, error) { return coverage(fewer, seed) }},
		{"sessions", func() (string, error) { return between(fewer, seed) }},
	}
}

// chosen returns the sections of these names, or all.
func chosen(sections []section, names string) ([]section, error) {
	if names == "" {
		return sections, nil
	}
	var out []section
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(sections, func(s section) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("-only %s: there is no table %q", names, name)
		}
		out = append(out, sections[i])
	}
	return out, nil
}

// write replaces the tables in the document.
func write(doc string, sections []section, tables []string) error {
	read, err := os.ReadFile(doc)
	if err != nil {
		return err
	}
	text := string(read)
	for i, s := range sections {
		if text, err = replace(text, s.name, tables[i]); err != nil {
			return fmt.Errorf("%s: %w", doc, err)
		}
	}
	return os.WriteFile(doc, []byte(text), 0o644)
}

// replace replaces the table between the comments that name it.
func replace(text, name, table string) (string, error) {
	mark := regexp.MustCompile(`(?s)(<!-- gate-check: ` + regexp.QuoteMeta(name) + ` -->\n).*?(<!-- end -->)`)
	if !mark.MatchString(text) {
		return "", fmt.Errorf("there is no place for the table %s: add the lines <!-- gate-check: %s --> and <!-- end -->", name, name)
	}
	return mark.ReplaceAllStringFunc(text, func(old string) string {
		parts := mark.FindStringSubmatch(old)
		return parts[1] + table + parts[2]
	}), nil
}

func logOf(v float64) float64 { return math.Log(v) }
