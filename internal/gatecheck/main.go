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
	"strings"
	"unicode/utf8"
)

func main() {
	doc := flag.String("doc", "", "Markdown `FILE` whose tables are rewritten (default: they are printed)")
	tries := flag.Int("tries", 10000, "`N` resamplings per figure")
	seed := flag.Uint64("seed", 1, "seed `N` of the random numbers")
	own := flag.String("record", "", "`FILE` that 'epochtime run --json' wrote, with at least 80 launches (default: the recording in testdata)")
	flag.Parse()
	if err := check(*doc, *own, *tries, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "gatecheck:", err)
		os.Exit(1)
	}
}

// section is a table of the document, with its name there.
type section struct {
	name string
	make func() (string, error)
}

func check(doc, own string, tries int, seed uint64) error {
	r, err := recording(own)
	if err != nil {
		return err
	}
	fewer := max(1, tries/5)
	sections := []section{
		{"false-alarms", func() (string, error) { return falseAlarms(r, fewer, seed) }},
		{"smallest", func() (string, error) { return smallest(r, fewer, seed) }},
		{"wrong", func() (string, error) { return wrong(r, tries, seed) }},
		{"coverage", func() (string, error) { return coverage(fewer, seed) }},
		{"sessions", func() (string, error) { return between(fewer, seed) }},
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

func header(out *strings.Builder, first string, columns []int, unit string) {
	row, rule := []string{first}, []string{strings.Repeat("-", utf8.RuneCountInString(first))}
	for _, n := range columns {
		row, rule = append(row, fmt.Sprintf("%d %s", n, unit)), append(rule, "---:")
	}
	line(out, row)
	line(out, rule)
}

func line(out *strings.Builder, cells []string) {
	fmt.Fprintf(out, "| %s |\n", strings.Join(cells, " | "))
}

// percent formats a share, with two digits after the point below 10 %.
func percent(share float64) string {
	switch {
	case share == 0:
		return "0 %"
	case share < 0.1:
		return fmt.Sprintf("%.2f %%", 100*share)
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}

func logOf(v float64) float64 { return math.Log(v) }
