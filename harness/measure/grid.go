package measure

import (
	"fmt"
	"strings"

	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// Axis is one setting of a grid and its values, as setting.Set reads them.
type Axis struct {
	Name   string
	Values []string
}

// MostPoints is how many points a grid may have. It keeps a slip in a range from
// asking for days of work.
const MostPoints = 10_000

// Grid returns a configuration for every combination of the axes' values, of the
// graph and settings of base, which Resolve has not completed yet. The last axis
// changes fastest. Each is labelled by the axes of several values.
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
			return nil, setting.Unknown("grid", a.Name, setting.Names(setting.Axes()), "it cannot be an axis of a grid")
		}
		var longer []Configuration
		for _, p := range points {
			for _, v := range a.Values {
				next := p
				if err := s.Set(&next.Config, v); err != nil {
					return nil, setting.Errorf(s.Name, "%s: %w", v, err)
				}
				if len(a.Values) > 1 {
					next.Label += ", " + strings.TrimSpace(s.Name+" "+s.Shown(next.Config))
				}
				longer = append(longer, next)
			}
		}
		points = longer
	}
	for i := range points {
		if err := points[i].complete(); err != nil {
			return nil, err
		}
	}
	return points, nil
}

// Configure returns a graph's configuration with the settings that are asked
// for. command are the words that name the graph on a command line, as in
// "run cnn"; the settings are added to them.
func Configure(c Configuration) (Configuration, error) {
	return c, c.complete()
}

// complete resolves the settings and adds those that are not the graph's own to
// the command.
func (c *Configuration) complete() error {
	if c.Graph == nil {
		return ErrNothing
	}
	own, err := Resolve(c.Graph, setting.Defaults())
	if err != nil { // as where its own data is gone: all settings are written out
		own = record.Config{}
	}
	asked := c.Config
	if c.Config, err = Resolve(c.Graph, c.Config); err != nil {
		return err
	}
	if len(c.Command) > 0 {
		if asked.Resident() { // which the batches of a resident set do not need
			own.Prefetch, own.FeedThreads = c.Config.Prefetch, c.Config.FeedThreads
		}
		c.Command = append(c.Command[:len(c.Command):len(c.Command)], setting.Words(own, c.Config)...)
	}
	return nil
}
