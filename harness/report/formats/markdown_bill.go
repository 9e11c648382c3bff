package formats

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/internal/harmless"
)

// billPart is a bill: its lines, what is said beside them, and the command that shows it.
func billPart(b record.Bill) string {
	parts := []string{harmless.Markdown(report.BillTitle(b)), grid(report.BillHeader, escaped(report.BillRows(b)))}
	var notes []string
	for _, note := range report.BillNotes(b) {
		notes = append(notes, "- "+harmless.Markdown(note))
	}
	if len(notes) > 0 {
		parts = append(parts, strings.Join(notes, "\n"))
	}
	parts = append(parts, harmless.Markdown(strings.TrimSpace(report.Sentence(b)+" "+report.Moved(b))))
	if command := report.BillCommand(b); command != "" {
		parts = append(parts, "This shows it:\n\n    "+command)
	}
	if rows := report.BillOperations(b); len(rows) > 0 {
		parts = append(parts, report.Idle(b), grid(report.OperationsHeader, escaped(rows)))
	}
	return strings.Join(parts, "\n\n")
}

// escaped are rows whose cells hold text from outside.
func escaped(rows []table.Row) []table.Row {
	var out []table.Row
	for _, row := range rows {
		var line table.Row
		for _, cell := range row {
			line = append(line, harmless.Markdown(fmt.Sprint(cell)))
		}
		out = append(out, line)
	}
	return out
}
