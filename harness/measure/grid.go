package measure

import (
	"fmt"
	"strings"

	"epochtime/harness/setting"
)

// Axis is a setting that varies over a grid.
type Axis struct {
	Name   string   // of one of setting.Axes
	Values []string // as Setting.Set reads them
}

// MostPoints is the largest number of points that a grid may have. It catches a
// mistyped range that would take days.
const MostPoints = 10_000

// Grid returns a configuration for every combination of the axes' values. Other
// settings and the graph are those of base, on which Configure must not have been
// called. The last axis varies fastest. Labels name the axes with several values.
// The errors are ErrGrid, ErrNothing and those of Configure.
func Grid(base Configuration, axes []Axis) ([]Configuration, error) {
	if base.Graph == nil {
		return nil, ErrNothing
	}
	n := 1
	for _, a := range axes {
		if n *= len(a.Values); n > MostPoints {
			return nil, kindError{fmt.Errorf("the grid has more than %d points: give fewer values", MostPoints), ErrGrid}
		}
	}
	if len(axes) == 0 || n == 0 {
		return nil, fmt.Errorf("%w: it has no values", ErrGrid)
	}
	base.Label = base.Graph.Name
	points := []Configuration{base}
	for _, a := range axes {
		s, ok := setting.Find(a.Name)
		if !ok || s.Axis == "" {
			what := "it cannot be an axis of a grid"
			if !ok {
				what = "there is no such setting"
			}
			return nil, setting.Unknown("grid", a.Name, setting.Names(setting.Axes()), what)
		}
		var longer []Configuration
		for _, p := range points {
			for _, v := range a.Values {
				next := p
				if err := setting.Change(&next.Config, s.Name, v); err != nil {
					return nil, err
				}
				if len(a.Values) > 1 {
					next.Label += ", " + strings.TrimSpace(s.Name+" "+s.Shown(next.Config))
				}
				longer = append(longer, next)
			}
		}
		points = longer
	}
	return points, ConfigureAll(points)
}

// Configure returns c with its settings completed as Resolve does. If c has a
// Command, the settings that are not the graph's own are added to it. The errors are
// those of Resolve.
func Configure(c Configuration) (Configuration, error) {
	err := c.complete(dataChecks{})
	return c, err
}

// ConfigureAll is Configure in place, for each of many configurations. It verifies the
// data of a graph once.
func ConfigureAll(list []Configuration) error {
	checks := dataChecks{}
	for i := range list {
		if err := list[i].complete(checks); err != nil {
			return err
		}
	}
	return nil
}

// complete is Configure in place.
func (c *Configuration) complete(checks dataChecks) error {
	if c.Graph == nil {
		return ErrNothing
	}
	own, err := checks.resolve(c.Graph, setting.Defaults())
	if err != nil { // such as without the graph's own data: what is not a default is then in the command
		own = setting.Defaults()
	}
	if c.Config, err = checks.resolve(c.Graph, c.Config); err != nil {
		return err
	}
	if len(c.Command) > 0 {
		c.Command = append(c.Command[:len(c.Command):len(c.Command)], setting.Words(own, c.Config)...)
	}
	return nil
}
