package formats

import (
	"slices"

	"epochtime/harness/record"
	"epochtime/harness/report"
)

// figureRows has a row for each figure of a record's bills and of its estimate.
func figureRows(r *record.Record) []row {
	var out []row
	for _, f := range estimateFigures(r.Estimate) {
		if len(r.Runs) > 0 {
			out = append(out, row{record: r, run: &r.Runs[0], launch: &record.Launch{}, figure: &f})
		}
	}
	for i := range r.Runs {
		bill := report.BillOf(r, &r.Runs[i])
		if bill == nil {
			continue
		}
		for _, f := range slices.Concat(billLines(*bill), billTotals(*bill)) {
			out = append(out, row{record: r, run: &r.Runs[i], launch: &record.Launch{}, figure: &f})
		}
	}
	return out
}

// figureColumns are those of a record with bills, or with an estimate.
func figureColumns(r *record.Record) []csvColumn {
	if len(r.Bills) == 0 && r.Estimate == nil {
		return nil
	}
	of := func(name string, value func(*figure) string) csvColumn {
		return csvColumn{name, func(at row) string {
			if at.figure == nil {
				return ""
			}
			return value(at.figure)
		}, true}
	}
	if r.Estimate != nil {
		return []csvColumn{
			of("estimate", func(f *figure) string { return f.name }),
			of("estimate_value", func(f *figure) string { return cell(f.seconds.Median) }),
			of("estimate_low", func(f *figure) string { return cell(float64(f.seconds.Low)) }),
			of("estimate_high", func(f *figure) string { return cell(float64(f.seconds.High)) }),
			of("estimate_share", func(f *figure) string { return cell(f.share) }),
			of("estimate_missing", func(f *figure) string { return f.missing }),
		}
	}
	return []csvColumn{
		of("bill_part", func(f *figure) string { return f.name }),
		of("bill_s", func(f *figure) string { return cell(f.seconds.Median) }),
		of("bill_low_s", func(f *figure) string { return cell(float64(f.seconds.Low)) }),
		of("bill_high_s", func(f *figure) string { return cell(float64(f.seconds.High)) }),
		of("bill_share", func(f *figure) string { return cell(f.share) }),
		of("bill_missing", func(f *figure) string { return f.missing }),
	}
}
