package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"epochtime/harness/measure"
	"epochtime/harness/price"
	"epochtime/harness/record"
	"epochtime/internal/harmless"
)

// priceFlags are the flags for what an hour of a machine costs.
type priceFlags struct {
	price hourlyFlag
	file  string
}

// add adds the flags of a verb that measures.
func (f *priceFlags) add(flags *pflag.FlagSet) {
	flags.Var(&f.price, "price", "`PRICE` what an hour of this machine costs, such as 2.48/h or 'EUR 2.48/h': the record keeps it, and costs are shown")
	f.addFile(flags)
}

// addFile adds the flag of a verb that reads records.
func (f *priceFlags) addFile(flags *pflag.FlagSet) {
	flags.StringVar(&f.file, "prices", "", "`FILE` take what an hour of each machine costs from a list in TOML")
}

// of returns what gives each machine of a session its price, nil where no flag names
// any. The watcher is told of machines that the list does not have.
func (f *priceFlags) of(watcher measure.Watcher) (func(record.Machine) *record.Price, error) {
	switch {
	case f.price.set && f.file != "":
		return nil, usagef("give --price or --prices, not both")
	case f.price.set:
		return func(record.Machine) *record.Price { p := f.price.Price; return &p }, nil
	case f.file == "":
		return nil, nil
	}
	list, err := f.list()
	if err != nil {
		return nil, err
	}
	return func(m record.Machine) *record.Price {
		p := list.For(m)
		if p == nil {
			watcher.Notice(measure.Notice, f.lacks(m.Title()))
		}
		return p
	}, nil
}

// tell gives the machines of a record that was read their prices of the list, if there is
// one, and says of which it has none.
func (f *priceFlags) tell(w io.Writer, rec *record.Record) error {
	if f.file == "" {
		return nil
	}
	list, err := f.list()
	if err != nil {
		return err
	}
	for _, title := range list.Apply(rec) {
		fmt.Fprintln(w, "notice: "+harmless.Hanging(f.lacks(title)))
	}
	return nil
}

func (f *priceFlags) lacks(machine string) string {
	return fmt.Sprintf("%s has no price of the machine %s", f.file, machine)
}

// list reads the list of prices.
func (f *priceFlags) list() (price.List, error) {
	file, err := os.Open(f.file)
	if err != nil {
		return price.List{}, fmt.Errorf("--prices: %w", input(err))
	}
	defer file.Close()
	list, err := price.Read(file, time.Now())
	if err != nil {
		return price.List{}, fmt.Errorf("--prices %s: %w", f.file, err)
	}
	return list, nil
}

// hourlyFlag is the value of --price.
type hourlyFlag struct {
	record.Price
	set bool
}

func (p *hourlyFlag) String() string {
	if !p.set {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%g %s", p.PerHour, p.Currency)) + "/h"
}

func (p *hourlyFlag) Set(text string) (err error) {
	p.Price, err = price.Parse(text)
	p.set = err == nil
	return err
}

func (p *hourlyFlag) Type() string { return "PRICE" }
