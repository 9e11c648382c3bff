//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// tell lists the findings.
func tell(w io.Writer, results []result) {
	for _, r := range results {
		if r.left != "" && r.left != stopped {
			fmt.Fprintf(w, "%s was not tried: %s\n", r.fault.title(), r.left)
		}
		for _, f := range r.findings {
			fmt.Fprintf(w, "%s: %s: %s\n", r.fault.title(), f.class, f.text)
		}
	}
}

func found(results []result) bool {
	return slices.ContainsFunc(results, func(r result) bool { return len(r.findings) > 0 })
}

// tabulate returns a Markdown table: for each kind, how many faults were tried, and
// how many of them had a finding of each class.
func tabulate(results []result) string {
	var kinds []string
	counts, total := map[string][]int{}, make([]int, classes+1)
	for _, r := range results {
		kind := r.fault.kind
		if counts[kind] == nil {
			counts[kind] = make([]int, classes+1)
			kinds = append(kinds, kind)
		}
		if r.left != "" {
			continue
		}
		for _, row := range [][]int{counts[kind], total} {
			row[0]++
			for c := range classes {
				if slices.ContainsFunc(r.findings, func(f finding) bool { return f.class == c }) {
					row[c+1]++
				}
			}
		}
	}
	var out strings.Builder
	out.WriteString("| faults | tried |")
	for c := range classes {
		fmt.Fprintf(&out, " %s |", c)
	}
	out.WriteString("\n|---|" + strings.Repeat("---:|", int(classes)+1) + "\n")
	row := func(name string, numbers []int) {
		fmt.Fprintf(&out, "| %s |", name)
		for _, n := range numbers {
			fmt.Fprintf(&out, " %d |", n)
		}
		out.WriteString("\n")
	}
	for _, kind := range kinds {
		row(kind, counts[kind])
	}
	row("**all**", total)
	return out.String()
}

// place is where the table is in a document.
var place = regexp.MustCompile(`(?s)(<!-- faults -->\n).*?(<!-- end -->)`)

// document replaces the table of a document.
func document(path, table string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !place.Match(text) {
		return fmt.Errorf("%s has no place for the table: add the lines <!-- faults --> and <!-- end -->", path)
	}
	text = place.ReplaceAllFunc(text, func(old []byte) []byte {
		parts := place.FindSubmatch(old)
		return slices.Concat(parts[1], []byte("\n"+table+"\n"), parts[2])
	})
	return os.WriteFile(path, text, 0o644)
}
