package page

import (
	"fmt"
	"html/template"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"epochtime/harness/fleet"
)

// group is figures of one kind.
type group struct {
	ID, Title, About string
	Figures          []figure
}

// figure is a drawing with what it shows in words, and its numbers.
type figure struct {
	ID, Title, Text string
	Keys            []key
	SVG             template.HTML
	Data            *table

	plot   *plot.Plot
	height vg.Length
}

// key says what a colour of a figure stands for.
type key struct{ Class, Text string }

// keyOf is the key of a series.
func keyOf(n int, text string) key { return key{fmt.Sprintf("c%d", n%hues+1), text} }

// makers make the groups; a group without figures is left out.
var makers = []func(*fleet.Fleet) group{strips, sweeps, threads, splits, rooflines, histories, comparisons, sustained}

// figures returns the groups of figures.
func figures(f *fleet.Fleet) ([]group, error) {
	var out []group
	for n, make := range makers {
		g := make(f)
		g.ID = fmt.Sprintf("figures-%d", n+1)
		for i := range g.Figures {
			at := &g.Figures[i]
			at.ID = fmt.Sprintf("%s-%d", g.ID, i+1)
			drawn, err := svg(at.plot, figureWidth, at.height, at.ID)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", g.Title, at.Title, err)
			}
			at.SVG = drawn
		}
		if len(g.Figures) > 0 {
			out = append(out, g)
		}
	}
	return out, nil
}
