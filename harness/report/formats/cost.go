package formats

import (
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/price"
	"epochtime/harness/record"
	"epochtime/harness/report"
	"epochtime/harness/stats"
	"epochtime/internal/harmless"
)

// costs are what the runs of a record cost, in Markdown; empty without a price.
func costs(r *record.Record) string {
	header, rows := report.CostTable(r)
	if len(rows) == 0 {
		return ""
	}
	var lines []table.Row
	for _, row := range rows {
		for i, text := range row { // a currency is text from outside too
			row[i] = harmless.Markdown(text)
		}
		lines = append(lines, anyOf(row))
	}
	out := grid(anyOf(header), lines)
	for _, line := range report.Prices(r) {
		out += "\n\n" + harmless.Markdown(line)
	}
	return out
}

// hasPrice reports whether a machine of the record has a price.
func hasPrice(r *record.Record) bool {
	return slices.ContainsFunc(r.Machines, func(m record.Machine) bool { return m.Price != nil })
}

// costColumns are the price of a row's machine and what an epoch costs at it: of a
// launch its median, with the validation behind it.
func costColumns(r *record.Record) []csvColumn {
	if !hasPrice(r) {
		return nil
	}
	of := func(name string, value func(row, record.Price) string) csvColumn {
		return csvColumn{name: name, cell: func(at row) string {
			p := machineOf(at.record, at.launch).Price
			if p == nil {
				return ""
			}
			return value(at, *p)
		}}
	}
	return []csvColumn{
		of("price_per_hour", func(_ row, p record.Price) string { return cell(p.PerHour) }),
		of("currency", func(_ row, p record.Price) string { return p.Currency }),
		of("epoch_cost", func(at row, p record.Price) string {
			seconds, ok := epochSeconds(at)
			return known(price.PerEpoch(p, seconds), ok)
		}),
	}
}

// epochSeconds are those of the epoch of a row, or of the median one of its launch, with
// the validation behind it.
func epochSeconds(at row) (float64, bool) {
	if at.epoch != nil {
		return at.epoch.Seconds + at.epoch.Validation, true
	}
	if whole, ok := stats.WholeMedian(*at.launch); ok {
		return whole, true
	}
	return stats.LaunchMedian(*at.launch)
}

// currencyLabel is a currency as the value of a label: one that is empty is no label.
func currencyLabel(currency string) string {
	if currency == price.NoCurrency {
		return "none"
	}
	return currency
}

// priced are the prices of machines and the costs of runs. Each has its currency as a
// label: amounts of several do not add up.
func priced(r *record.Record) []family {
	if !hasPrice(r) {
		return nil
	}
	hour := family{name: "epochtime_price_per_hour", help: "What an hour of a machine costs, in the currency of the label."}
	for _, m := range r.Machines {
		labels := []pair{{"machine", m.Title()}, {"machine_id", m.ID}}
		if p := m.Price; p != nil && !slices.ContainsFunc(hour.samples, func(s sample) bool { return slices.Equal(s.labels[:2], labels) }) {
			hour.samples = append(hour.samples, sample{with(labels, pair{"currency", currencyLabel(p.Currency)}), p.PerHour})
		}
	}
	epoch := family{name: "epochtime_epoch_cost", help: "What an epoch costs, the median over launches."}
	low := family{name: "epochtime_epoch_low_cost", help: "Lower end of its 95 % interval."}
	high := family{name: "epochtime_epoch_high_cost", help: "Upper end of its 95 % interval."}
	million := family{name: "epochtime_million_examples_cost", help: "What a million examples cost, the median over launches."}
	all := uniqueLabels(r.Runs)
	for i := range r.Runs {
		c, ok := price.Of(r, &r.Runs[i])
		if !ok {
			continue
		}
		labels := with(all[i], pair{"currency", currencyLabel(c.Price.Currency)})
		epoch.samples = append(epoch.samples, sample{labels, c.Epoch.Median})
		low.samples = append(low.samples, sample{labels, float64(c.Epoch.Low)})
		high.samples = append(high.samples, sample{labels, float64(c.Epoch.High)})
		million.samples = append(million.samples, sample{labels, c.Million.Median})
	}
	return []family{hour, epoch, low, high, million}
}
