package measure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"epochtime/harness/graph"
	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// ErrFactor means that a factor cannot be varied: there is no such factor, or the graph
// has nothing to vary.
var ErrFactor = errors.New("the factor cannot be varied")

// Variation says what Factors varies, and with what. The zero value varies all factors
// that need no other graph.
type Variation struct {
	Names []string // of factors; empty: all that the graph has
	Cores int      // of the machine; 0 is not known

	// Variant returns the graph exported with another value of an option of the exporter,
	// such as precision. nil: no graph can be exported.
	Variant func(option, value string) (*graph.Manifest, error)

	// Name returns the word for a graph in Configuration.Command. nil: its name.
	Name func(*graph.Manifest) string
}

// Factors returns configurations for NewFactors: base, on which Configure must not have
// been called, and then one for each level of each factor, which changes nothing but
// that. leftOut says which factors or levels are left out, and why. The errors are
// ErrFactor, also for a factor of v.Names that is left out, ErrNothing, those of
// Configure, and context.Canceled of v.Variant, which leaves nothing out.
func Factors(base Configuration, v Variation) (list []Configuration, leftOut []string, err error) {
	if base.Graph == nil {
		return nil, nil, ErrNothing
	}
	for _, name := range v.Names {
		if !slices.Contains(FactorNames(), name) {
			return nil, nil, kindError{fmt.Errorf("%s is no factor: there are %s", name, strings.Join(FactorNames(), ", ")), ErrFactor}
		}
	}
	made := making{v: v, base: base, checks: dataChecks{}}
	if err := made.begin(); err != nil {
		return nil, nil, err
	}
	for _, f := range factors {
		if len(v.Names) > 0 && !slices.Contains(v.Names, f.name) {
			continue
		}
		why := made.factor(f)
		switch {
		case errors.Is(why, context.Canceled):
			return nil, nil, why
		case len(v.Names) > 0 && !slices.ContainsFunc(made.list, of(f.name)):
			return nil, nil, kindError{fmt.Errorf("%s: %w", f.name, why), ErrFactor}
		}
	}
	if len(made.list) == 1 {
		return nil, nil, kindError{fmt.Errorf("nothing of %s can be varied: %s", base.Graph.Name, strings.Join(made.leftOut, "; ")), ErrFactor}
	}
	return made.list, made.leftOut, nil
}

// of returns whether a configuration is a level of a factor.
func of(name string) func(Configuration) bool {
	return func(c Configuration) bool { return c.Factor != nil && c.Factor.Name == name }
}

// making is what Factors has made so far. whole is base, completed.
type making struct {
	v           Variation
	base, whole Configuration
	checks      dataChecks
	list        []Configuration
	leftOut     []string
}

func (m *making) begin() error {
	m.whole = m.base
	if err := m.whole.complete(m.checks); err != nil {
		return err
	}
	m.whole.Label = factorLabel(m.base.Graph.Name, nil)
	m.list = []Configuration{m.whole}
	return nil
}

// factor adds the levels of a factor. It returns why the last of those that are left out
// is.
func (m *making) factor(f factor) (why error) {
	levels, err := f.levels(defaults{m.whole.Graph, m.whole.Config, m.v.Cores})
	if err != nil {
		m.leftOut = append(m.leftOut, f.name+": "+err.Error())
		return err
	}
	for _, l := range levels {
		c, err := m.level(f.name, l)
		if errors.Is(err, context.Canceled) { // of an export, and so of all
			return err
		}
		if err != nil {
			why = err
			if text := fmt.Sprintf("%s %s→%s: %v", f.name, l.from, l.to, err); !slices.Contains(m.leftOut, text) {
				m.leftOut = append(m.leftOut, text)
			}
			continue
		}
		m.list = append(m.list, c)
	}
	return why
}

// level returns the configuration of a level.
func (m *making) level(name string, l level) (Configuration, error) {
	c := m.base
	if l.option != "" {
		g, err := m.variant(l)
		if err != nil {
			return c, err
		}
		c.Graph = g
		if len(c.Command) > 0 {
			c.Command = append([]string{c.Command[0], m.name(g)}, c.Command[2:]...)
		}
	}
	for _, ch := range l.changes {
		if err := setting.Change(&c.Config, ch.name, ch.value); err != nil {
			return c, err
		}
	}
	if err := c.complete(m.checks); err != nil {
		return c, err
	}
	c.Factor = &record.Factor{Name: name, From: l.from, To: l.to}
	c.Label = factorLabel(m.base.Graph.Name, c.Factor)
	if c.Graph.SHA256 == m.whole.Graph.SHA256 && sameBatches(c.Graph, c.Config) == sameBatches(m.whole.Graph, m.whole.Config) {
		return c, errors.New("it is the default")
	}
	return c, nil
}

// factorLabel names a level of a factor of a graph, or the default.
func factorLabel(graph string, f *record.Factor) string {
	if f == nil {
		return graph + ", default"
	}
	return fmt.Sprintf("%s, %s %s→%s", graph, f.Name, f.From, f.To)
}

func (m *making) variant(l level) (*graph.Manifest, error) {
	if m.v.Variant == nil {
		return nil, errors.New("it takes another export of the model, and there is no exporter")
	}
	g, err := m.v.Variant(l.option, l.value)
	if err == nil && g == nil {
		err = ErrNothing
	}
	return g, err
}

func (m *making) name(g *graph.Manifest) string {
	if m.v.Name == nil {
		return g.Name
	}
	return m.v.Name(g)
}
