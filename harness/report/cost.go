package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"epochtime/harness/compare"
	"epochtime/harness/price"
	"epochtime/harness/record"
)

// CostEpochs is the number of epochs of which views give the cost with the start.
const CostEpochs = 100

// Money formats an amount with three significant digits, and its currency where one is
// named.
func Money(v float64, currency string) string {
	if !finite(v) {
		return none
	}
	text := digits(v, v)
	if a := math.Abs(v); a > 0 && a < 0.9995 {
		text = small(v)
	}
	return text + unitOf(currency)
}

// small formats an amount below 1 without an exponent, as far as that reads well.
func small(v float64) string {
	if math.Abs(v) < 1e-4 {
		return strings.Replace(fmt.Sprintf("%.3g", v), "e-0", "e-", 1)
	}
	decimals := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(v, 'f', decimals, 64), "0"), ".")
}

// unitOf is a currency as it stands behind an amount.
func unitOf(currency string) string {
	if currency == price.NoCurrency {
		return ""
	}
	return " " + currency
}

// MoneyRange formats the interval of an amount.
func MoneyRange(i record.Interval, currency string) string {
	if !i.Known() {
		return none
	}
	return Money(float64(i.Low), price.NoCurrency) + "–" + Money(float64(i.High), currency)
}

// Price says what an hour of a machine costs, from where and when.
func Price(m record.Machine) string {
	p := m.Price
	if p == nil {
		return ""
	}
	out := strconv.FormatFloat(p.PerHour, 'f', -1, 64) + unitOf(p.Currency) + " an hour of " + m.Title()
	var about []string
	for _, text := range []string{p.Name, p.Source, p.Date} {
		if text != "" {
			about = append(about, text)
		}
	}
	if p.Currency == price.NoCurrency {
		about = append(about, "no currency")
	}
	if len(about) > 0 {
		out += " (" + strings.Join(about, ", ") + ")"
	}
	return out
}

// CostTable returns what the runs of a record cost, with titles of columns and a row
// for each run with a price; no rows where there is none.
func CostTable(rec *record.Record) (header []string, rows [][]string) {
	titles := RunTitles(rec)
	for i := range rec.Runs {
		if rec.Plan.Kind == record.KindEstimate { // what a probe costs is not what was asked
			break
		}
		c, ok := price.Of(rec, &rec.Runs[i])
		if !ok {
			continue
		}
		code := c.Price.Currency
		rows = append(rows, []string{
			titles[i], Money(c.Epoch.Median, code), MoneyRange(c.Epoch, code), Money(c.Million.Median, code), Money(c.Epochs(CostEpochs).Median, code),
		})
	}
	return []string{"cost", "per epoch", "95 % interval", "per 1 M examples", strconv.Itoa(CostEpochs) + " epochs, with start"}, rows
}

// Prices are the prices of a record's machines, each in a sentence.
func Prices(rec *record.Record) []string {
	var out []string
	for _, m := range rec.Machines {
		if text := Price(m); text != "" && !slices.Contains(out, "At "+text+".") {
			out = append(out, "At "+text+".")
		}
	}
	return out
}

// costsAt is the first column of the second table of costs on a narrow terminal.
const costsAt = 3

// costs writes what the runs of a record cost, if its machines have prices.
func costs(w io.Writer, rec *record.Record, width int) {
	header, rows := CostTable(rec)
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n\n", grids(cells(header), rowsOf(rows), costsAt, width))
	for _, line := range Prices(rec) {
		fmt.Fprintln(w, Wrap("", line, width))
	}
}

func cells(texts []string) table.Row {
	var out table.Row
	for _, text := range texts {
		out = append(out, text)
	}
	return out
}

func rowsOf(lines [][]string) []table.Row {
	var out []table.Row
	for _, line := range lines {
		out = append(out, cells(line))
	}
	return out
}

// CostComparison writes what an epoch of each pair costs on the two records' machines,
// and the change, if both have prices. Prices of different currencies are not compared.
func CostComparison(w io.Writer, base, changed *record.Record, c *compare.Comparison, width int) {
	var rows []table.Row
	mixed := false
	for _, p := range c.Pairs {
		a, known := price.Of(base, p.Base)
		b, also := price.Of(changed, p.New)
		if !known || !also {
			continue
		}
		change, interval := none, none
		if a.Price.Currency == b.Price.Currency && a.Price.PerHour > 0 {
			r := p.Ratio
			factor := b.Price.PerHour / a.Price.PerHour
			r.Median, r.Low, r.High = factor*r.Median, factor*r.Low, factor*r.High
			change, interval = Change(r.Median), Changes(r)
		}
		mixed = mixed || a.Price.Currency != b.Price.Currency
		rows = append(rows, table.Row{p.Title, costOf(a, p), costOf(b, p), change, interval})
	}
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", grids(table.Row{"cost", "base", "new", "change", "99 % interval"}, rows, costsAt, width))
	if mixed {
		fmt.Fprintf(w, "\n%s\n", Wrap("", "The prices are of different currencies, so the costs are not compared.", width))
	}
}

// CostRankings writes what the places of rankings cost on the machines of their records,
// in the order of the rankings.
func CostRankings(w io.Writer, list []compare.Named, r *compare.Rankings, width int) {
	of := map[string]*record.Record{}
	for _, named := range list {
		of[named.Record.ID] = named.Record
	}
	for _, ranking := range r.Rankings {
		var rows []table.Row
		for _, p := range ranking.Places {
			if c, ok := price.Of(of[p.ID], p.Run); ok {
				code := c.Price.Currency
				rows = append(rows, table.Row{p.Name, Money(c.Epoch.Median, code), MoneyRange(c.Epoch, code), Money(c.Million.Median, code)})
			}
		}
		if len(rows) > 0 {
			header := table.Row{"cost, " + ranking.Title, "per epoch", "95 % interval", "per 1 M examples"}
			fmt.Fprintf(w, "\n%s\n", grids(header, rows, costsAt, width))
		}
	}
}

// costOf formats what an epoch costs, or an example where the epochs of a pair differ.
func costOf(c price.Costs, p compare.Pair) string {
	if p.PerExample {
		return Money(c.Million.Median, c.Price.Currency) + " per 1 M examples"
	}
	return Money(c.Epoch.Median, c.Price.Currency)
}
