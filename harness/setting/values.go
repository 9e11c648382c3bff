package setting

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"
	"github.com/dustin/go-humanize"
	"github.com/mattn/go-shellwords"

	"epochtime/harness/graph"
	"epochtime/harness/record"
)

// integer accesses the field of an integer setting; 0 is unset.
type integer func(*record.Config) *int

func (f integer) list(c *record.Config) []string {
	if *f(c) == 0 {
		return nil
	}
	return f.always(c)
}

// unlessGraphs is list for a setting that may be OfGraph, which is unset too.
func (f integer) unlessGraphs(c *record.Config) []string {
	if *f(c) == OfGraph {
		return nil
	}
	return f.list(c)
}

// always is list for a setting that is never unset.
func (f integer) always(c *record.Config) []string { return []string{strconv.Itoa(*f(c))} }

// required is atLeast for a setting that is never unset.
func (f integer) required(least int) func(*record.Config, string) error {
	return func(c *record.Config, text string) error {
		return f.atLeast(least)(c, cmp.Or(text, "none"))
	}
}

func (f integer) atLeast(least int) func(*record.Config, string) error {
	return func(c *record.Config, text string) error {
		n, err := strconv.Atoi(text)
		switch {
		case text == "":
			n = 0
		case err != nil || n < least:
			return fmt.Errorf("it takes an integer of at least %d", least)
		}
		*f(c) = n
		return nil
	}
}

// word accesses the field of a setting that is a word.
type word func(*record.Config) *string

func (f word) list(c *record.Config) []string { return unlessEmpty(*f(c)) }

func unlessEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func (f word) set(c *record.Config, text string) error {
	*f(c) = text
	return nil
}

// words accesses the field of a setting that is a list.
type words func(*record.Config) *[]string

func (f words) list(c *record.Config) []string { return *f(c) }

func (f words) add(c *record.Config, text string) error {
	if text == "" {
		return errors.New("it is empty")
	}
	*f(c) = append(slices.Clone(*f(c)), text) // another configuration may share the list
	return nil
}

// pairs accesses the field of a setting that is a map.
type pairs func(*record.Config) *map[string]string

func (f pairs) list(c *record.Config) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(*f(c))) {
		out = append(out, name+"="+(*f(c))[name])
	}
	return out
}

func (f pairs) add(c *record.Config, text string) error {
	key, value, ok := strings.Cut(text, "=")
	if !ok || key == "" {
		return errors.New("it is not KEY=VALUE")
	}
	f.put(c, key, value)
	return nil
}

func (f pairs) put(c *record.Config, key, value string) {
	all := maps.Clone(*f(c)) // another configuration may share the map
	if all == nil {
		all = map[string]string{}
	}
	all[key] = value
	*f(c) = all
}

func env(c *record.Config) *map[string]string { return &c.Env }

// environment returns the setting of one environment variable.
func environment(name string) Setting {
	return Setting{
		Name: envPrefix + name, Value: "VALUE", Unset: "default", Usage: "environment variable " + name + " of the worker",
		list: func(c *record.Config) []string {
			if v, set := c.Env[name]; set {
				return []string{v}
			}
			return nil
		},
		set: func(c *record.Config, text string) error { pairs(env).put(c, name, text); return nil },
		unset: func(c *record.Config) {
			c.Env = maps.Clone(c.Env) // another configuration may share the map
			delete(c.Env, name)
		},
	}
}

// variables returns the names of all environment variables that configurations set.
func variables(configs []record.Config) []string {
	all := map[string]bool{}
	for _, c := range configs {
		for name := range c.Env {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func batchList(c *record.Config) []string {
	switch c.Batch {
	case OfGraph:
		return nil
	case 0:
		return []string{"full"}
	}
	return []string{strconv.Itoa(c.Batch)}
}

func setBatch(c *record.Config, text string) error {
	n, err := strconv.Atoi(text)
	switch {
	case text == "":
		n = OfGraph
	case text == "full":
		n = 0
	case err != nil || n < 1:
		return errors.New("a batch is an integer of at least 1, or full")
	}
	c.Batch = n
	return nil
}

func setInput(c *record.Config, text string) error {
	name, column, _ := strings.Cut(text, "=")
	switch {
	case name == "" || column == "":
		return errors.New("it is not NAME=COLUMN, an input or target of the graph and what feeds it")
	case c.Inputs[name] != "":
		return fmt.Errorf("%s is named twice: give all of its columns at once, such as %s=%s,%s", name, name, c.Inputs[name], column)
	}
	pairs(func(c *record.Config) *map[string]string { return &c.Inputs }).put(c, name, column)
	return nil
}

func setImageSize(c *record.Config, text string) error {
	if _, err := graph.ParseImageSize(text); err != nil {
		return errors.New("it is a height and a width in pixels, such as 224x224")
	}
	c.ImageSize = text
	return nil
}

// setRuntime sets what trains. The graph is what trains by default.
func setRuntime(c *record.Config, text string) error {
	if text == record.RuntimeGo {
		text = ""
	}
	c.Runtime = text
	return nil
}

func seedList(c *record.Config) []string { return []string{strconv.FormatUint(c.Seed, 10)} }

func setSeed(c *record.Config, text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return errors.New("it takes a non-negative integer")
	}
	c.Seed = n
	return nil
}

// switched accesses the field of a setting that is on or off; off is unset.
type switched func(*record.Config) *bool

func (f switched) list(c *record.Config) []string {
	if *f(c) {
		return []string{"yes"}
	}
	return nil
}

func (f switched) set(c *record.Config, text string) error {
	switch text {
	case "yes", "true", "1":
		*f(c) = true
	case "", "no", "false", "0":
		*f(c) = false
	default:
		return errors.New("it is yes or no")
	}
	return nil
}

// shuffleList has no value for no, as that of a switch that is off.
func shuffleList(c *record.Config) []string {
	on := c.Shuffles()
	return switched(func(*record.Config) *bool { return &on }).list(c)
}

func setShuffle(c *record.Config, text string) error {
	on := new(bool)
	if err := switched(func(*record.Config) *bool { return on }).set(c, text); err != nil {
		return err
	}
	c.Shuffle = on
	return nil
}

func setPreprocess(c *record.Config, text string) error {
	if _, err := graph.ParsePreprocess(text); err != nil {
		return err
	}
	return words(func(c *record.Config) *[]string { return &c.Preprocess }).add(c, text)
}

// setFetch sets when losses are read. At each step is the default.
func setFetch(c *record.Config, text string) error {
	if text == record.FetchEvery {
		text = ""
	}
	c.Fetch = text
	return nil
}

func setDevice(c *record.Config, text string) error {
	if _, _, err := record.ParseDevice(text); err != nil {
		return err
	}
	c.Device = text
	return nil
}

func workerList(c *record.Config) []string { return unlessEmpty(shellescape.QuoteCommand(c.Worker)) }

func setWorker(c *record.Config, text string) error {
	c.Worker = nil
	if text == "" {
		return nil
	}
	parser := shellwords.NewParser()
	argv, err := parser.Parse(text)
	if err != nil || len(argv) == 0 || parser.Position >= 0 { // it stops at ; & | < >
		return errors.New("it is not one command: use sh -c '…' for more")
	}
	c.Worker = argv
	return nil
}

func forList(c *record.Config) []string {
	if c.For == 0 {
		return nil
	}
	return []string{time.Duration(c.For * float64(time.Second)).String()}
}

func setFor(c *record.Config, text string) error {
	d, err := time.ParseDuration(text)
	if text != "" && (err != nil || d <= 0) {
		return errors.New("it takes a duration above 0, such as 90s or 30m")
	}
	c.For = d.Seconds()
	return nil
}

func timeoutList(c *record.Config) []string {
	if c.Timeout == 0 {
		return nil
	}
	return []string{time.Duration(c.Timeout * float64(time.Second)).String()}
}

func setTimeout(c *record.Config, text string) error {
	d, err := time.ParseDuration(text)
	if text != "" && (err != nil || d < 0) {
		return errors.New("it takes a duration, such as 90s or 1h, or auto")
	}
	c.Timeout = d.Seconds()
	return nil
}

// size finds a number of bytes in a configuration; 0 is unset.
type size func(*record.Config) *uint64

func (of size) list(c *record.Config) []string {
	switch n := *of(c); {
	case n == 0:
		return nil
	case n%(1<<30) == 0:
		return []string{fmt.Sprintf("%dGiB", n>>30)}
	case n%(1<<20) == 0:
		return []string{fmt.Sprintf("%dMiB", n>>20)}
	default:
		return []string{fmt.Sprintf("%dB", n)}
	}
}

func (of size) set(c *record.Config, text string) error {
	if text == "" {
		*of(c) = 0
		return nil
	}
	n, err := humanize.ParseBytes(text)
	if err != nil || n == 0 || n > math.MaxInt64 {
		return errors.New("it takes a number of bytes, such as 512MiB or 2GiB")
	}
	*of(c) = n
	return nil
}
