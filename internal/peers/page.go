//go:build linux

package main

import (
	_ "embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

//go:embed page.md
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// page returns the page of the records, one for each work.
func page(records []*record.Record) (string, error) {
	type told struct{ Title, Usual, Best, Against, Table string }
	type described struct{ Title, Name, What string }
	data := struct {
		facts
		Works      []told
		Contenders []described
	}{facts: factsOf(records)}
	used := map[string]bool{}
	for _, rec := range records {
		c, err := compareRecord(rec)
		if err != nil {
			return "", err
		}
		data.Works = append(data.Works, told{
			Title:   c.title,
			Usual:   sides(c.rows, func(r row) stats.Ratio { return r.usual }),
			Best:    sides(c.rows, func(r row) stats.Ratio { return r.best }),
			Against: bestOfBoth(c), Table: rowsTable(c.rows),
		})
		for _, r := range c.rows {
			used[r.name] = true
		}
	}
	for _, c := range contenders {
		if used[c.name] {
			data.Contenders = append(data.Contenders, described{c.title, c.name, c.what})
		}
	}
	var out strings.Builder
	if err := pageTemplate.Execute(&out, data); err != nil {
		return "", fmt.Errorf("writing the page: %w", err)
	}
	return out.String(), nil
}

// rowsTable returns the table of a work.
func rowsTable(rows []row) string {
	t := table.NewWriter()
	header := table.Row{"", "epoch time", "interval", "× epochtime", "interval", "start", "loss, first → last"}
	t.AppendHeader(header)
	var numbers []table.ColumnConfig
	for i := range header[1:] {
		numbers = append(numbers, table.ColumnConfig{Number: i + 2, Align: text.AlignRight})
	}
	t.SetColumnConfigs(numbers)
	for _, r := range rows {
		title := r.title
		if r.name == reference {
			title = "**" + title + "**"
		}
		if !r.timed() {
			t.AppendRow(table.Row{title, harmless.Markdown(r.failure), "", "", "", "", ""})
			continue
		}
		over, between := ratioText(r.usual), betweenText(r.usual)
		if r.name == reference {
			over, between = "1", ""
		}
		took := r.run.Summary.EpochSeconds
		t.AppendRow(table.Row{
			title, report.Seconds(took.Median), report.Range(took), over, between, report.Seconds(r.start),
			fmt.Sprintf("%.4f → %.4f", float64(r.first), float64(r.last)),
		})
	}
	return t.RenderMarkdown()
}

// sides returns one line: which of a work's others are slower or faster than what they
// are compared with, or cannot be told from it, by a ratio of theirs.
func sides(rows []row, of func(row) stats.Ratio) string {
	groups := [3][]string{}
	for _, r := range rows {
		ratio := of(r)
		if r.own() || ratio.Blocks == 0 {
			continue
		}
		group := 1
		switch {
		case ratio.Known() && ratio.High < 1:
			group = 0
		case ratio.Known() && ratio.Low > 1:
			group = 2
		}
		groups[group] = append(groups[group], fmt.Sprintf("%s (%s)", r.title, ratioText(ratio)))
	}
	var parts []string
	for i, word := range []string{"slower than", "not to be told from", "faster than"} {
		if len(groups[i]) > 0 {
			parts = append(parts, word+" "+strings.Join(groups[i], ", "))
		}
	}
	if len(parts) == 0 {
		return "nothing to compare"
	}
	return strings.Join(parts, "; ")
}

// bestOfBoth returns one line: the fastest of epochtime's own over the fastest of the
// others.
func bestOfBoth(c comparison) string {
	if c.against.Blocks == 0 {
		return "nothing to compare"
	}
	return fmt.Sprintf("%s (%s), %s over %s", ratioText(c.against), betweenText(c.against), c.own.title, c.peer.title)
}

// ratioText is a ratio of times, "" where there is none.
func ratioText(r stats.Ratio) string {
	if r.Blocks == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", r.Median)
}

// betweenText is the interval of a ratio.
func betweenText(r stats.Ratio) string {
	if !r.Known() {
		return "–"
	}
	return fmt.Sprintf("%.2f–%.2f", r.Low, r.High)
}
