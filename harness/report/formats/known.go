package formats

import (
	"slices"

	"epochtime/harness/record"
)

// knownColumns are those of a record with known settings: which a run has, and the record
// of the search that found them.
func knownColumns(r *record.Record) []csvColumn {
	if !slices.ContainsFunc(r.Runs, func(run record.Run) bool { return run.Settings != nil }) {
		return nil
	}
	of := func(name string, value func(record.Settings) string) csvColumn {
		return csvColumn{name, func(at row) string {
			if at.run.Settings == nil {
				return ""
			}
			return value(*at.run.Settings)
		}, true}
	}
	return []csvColumn{
		of("settings", func(s record.Settings) string { return s.Name }),
		of("settings_from", func(s record.Settings) string { return s.From }),
	}
}
