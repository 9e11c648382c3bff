package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// rows is a Markdown table.
type rows struct{ strings.Builder }

// header writes the names of the columns, the first aligned left.
func (r *rows) header(first string, columns []string) {
	rule := []string{strings.Repeat("-", utf8.RuneCountInString(first))}
	for range columns {
		rule = append(rule, "---:")
	}
	r.line(append([]string{first}, columns...))
	r.line(rule)
}

func (r *rows) line(cells []string) { fmt.Fprintf(r, "| %s |\n", strings.Join(cells, " | ")) }

// counts are columns such as "6 launches".
func counts(list []int, unit string) []string {
	var out []string
	for _, n := range list {
		out = append(out, fmt.Sprintf("%d %s", n, unit))
	}
	return out
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
