package report

import (
	"fmt"

	"github.com/guptarohit/asciigraph"
)

// Heights of curves, in lines.
const (
	trendHeight = 10
	stripHeight = 5
)

// curve draws durations in at most width columns. It returns the text, and how many
// columns the axis and the curve take.
func curve(values []float64, height, width int) (text string, axis, columns int) {
	label := func(v float64) string { return fmt.Sprintf("%8s", Seconds(v)) }
	for _, v := range values {
		axis = max(axis, Widest(label(v)))
	}
	axis += 3 // the library's own
	options := []asciigraph.Option{asciigraph.Height(height), asciigraph.YAxisValueFormatter(label)}
	columns = len(values)
	if room := width - axis; columns > room {
		columns = max(room, 2)
		options = append(options, asciigraph.Width(columns))
	}
	return asciigraph.Plot(values, options...), axis, columns
}
