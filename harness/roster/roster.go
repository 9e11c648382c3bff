// Package roster reads the file that lists the machines of a fleet, and the settings that
// each has of its own.
package roster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"epochtime/harness/record"
	"epochtime/harness/setting"
)

// ErrRoster means that a file is no list of machines.
var ErrRoster = errors.New("no list of machines")

// Machine is one machine of a fleet.
type Machine struct {
	Name     string
	settings []assignment // of all machines, then of this one
}

// assignment is a setting with what it is set to.
type assignment struct {
	setting.Setting
	text string
}

// most is the size of the largest file that is read, in bytes.
const most = 16 << 20

// nameKey is the key of a machine's name. All other keys are settings.
const nameKey = "name"

// Read reads a list in TOML: a [[machine]] for each, with its name and any settings, such
// as worker and device, by the names of their flags; and [defaults] with settings of all
// machines that have none of their own. The error is ErrRoster, with the machine and the key that is
// wrong, or that of r.
func Read(r io.Reader) ([]Machine, error) {
	var file struct {
		Defaults map[string]any   `toml:"defaults"`
		Machine  []map[string]any `toml:"machine"`
	}
	if r == nil {
		return nil, refuse("there is no file")
	}
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if len(text) > most {
		return nil, refuse("it is longer than %d bytes", most)
	}
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&file); err != nil {
		return nil, located(err)
	}
	if len(file.Machine) == 0 {
		return nil, refuse("it has no [[machine]]")
	}
	defaults, err := assignments(file.Defaults)
	if err != nil {
		return nil, refuse("[defaults]: %w", err)
	}
	var out []Machine
	for i, keys := range file.Machine {
		m, err := machine(keys, defaults)
		if err == nil {
			err = m.unlike(out)
		}
		if err != nil {
			return nil, refuse("machine %d (%.60q): %w", i+1, m.Name, err)
		}
		out = append(out, m)
	}
	return out, nil
}

// Apply sets a machine's settings in a configuration. Read has tried them.
func (m Machine) Apply(c *record.Config) error {
	for _, a := range m.settings {
		if err := a.Set(c, a.text); err != nil {
			return fmt.Errorf("%s: %s: %w", m.Name, a.Name, err)
		}
	}
	return nil
}

func machine(keys map[string]any, defaults []assignment) (Machine, error) {
	keys = maps.Clone(keys)
	name, ok := keys[nameKey].(string)
	if !ok || name == "" {
		return Machine{}, errors.New("name is missing: give the machine one, for reports")
	}
	delete(keys, nameKey)
	own, err := assignments(keys)
	out := Machine{Name: name}
	for _, d := range defaults {
		if !slices.ContainsFunc(own, func(o assignment) bool { return o.Name == d.Name }) {
			out.settings = append(out.settings, d)
		}
	}
	out.settings = append(out.settings, own...)
	return out, err
}

// unlike refuses a machine that the list has already: by its name, or by the worker and
// the device, where two would disturb each other.
func (m Machine) unlike(others []Machine) error {
	c := m.config()
	if c.Runtime != "" {
		return errors.New("runtime is the graph's own in a fleet: leave it out")
	}
	for _, o := range others {
		d := o.config()
		switch {
		case o.Name == m.Name:
			return errors.New("another machine before it has the same name: each is listed once")
		case slices.Equal(c.Worker, d.Worker) && c.Device == d.Device:
			return fmt.Errorf("it has the worker and the device of %s: each machine is listed once", o.Name)
		}
	}
	return nil
}

func (m Machine) config() record.Config {
	c := setting.Defaults()
	_ = m.Apply(&c) // tried by assignments
	return c
}

// assignments returns the settings of a table of the file, in order.
func assignments(keys map[string]any) ([]assignment, error) {
	var out []assignment
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		s, known := setting.Find(key)
		if variables, ok := keys[key].(map[string]any); ok && key == "env" {
			more, err := environment(variables)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
			continue
		}
		if !known {
			return nil, fmt.Errorf("there is no setting %.60q: a machine has %s, and settings such as worker, device and intra-op", key, nameKey)
		}
		texts, err := texts(keys[key])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		for _, text := range texts {
			out = append(out, assignment{s, text})
		}
	}
	c := setting.Defaults()
	for _, a := range out {
		if err := a.Set(&c, a.text); err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
	}
	return out, setting.Check(c)
}

// environment returns the settings of a table of variables.
func environment(variables map[string]any) ([]assignment, error) {
	var out []assignment
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		s, known := setting.Find("env." + name)
		texts, err := texts(variables[name])
		if err != nil || !known || len(texts) != 1 {
			return nil, fmt.Errorf("env: %.60q is no text", name)
		}
		out = append(out, assignment{s, texts[0]})
	}
	return out, nil
}

// texts returns values of TOML as they are written on a command line.
func texts(value any) ([]string, error) {
	switch v := value.(type) {
	case string:
		return []string{v}, nil
	case int64:
		return []string{strconv.FormatInt(v, 10)}, nil
	case float64:
		return []string{strconv.FormatFloat(v, 'g', -1, 64)}, nil
	case bool:
		if v {
			return []string{"yes"}, nil
		}
		return []string{"no"}, nil
	case []any:
		var out []string
		for _, each := range v {
			more, err := texts(each)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
		return out, nil
	}
	return nil, errors.New("it is neither a text, a number, true or false, nor a list of them")
}

// located says where in the file an error of the decoder is.
func located(err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, _ := first.Position()
		return refuse("line %d: there is no key %.60q: a list has [[machine]] and [defaults]", line, strings.Join(first.Key(), "."))
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, _ := wrong.Position()
		return refuse("line %d: %w", line, err)
	}
	return refuse("%w", err)
}

// refusal is an ErrRoster.
type refusal struct{ error }

func (refusal) Is(target error) bool { return target == ErrRoster }
func (r refusal) Unwrap() error      { return r.error }

func refuse(format string, args ...any) error { return refusal{fmt.Errorf(format, args...)} }
