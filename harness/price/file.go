package price

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/currency"

	"epochtime/harness/record"
)

// List is the prices of a file, by machine.
type List struct{ prices map[string]record.Price }

// entry is one [[price]] of the file. All but Name must be there.
type entry struct {
	Machine  string          `toml:"machine"`  // name, or id, of the machine in its records
	Name     string          `toml:"name"`     // of what is paid for, such as a type of instance
	PerHour  *float64        `toml:"per_hour"` // 0 or more
	Currency string          `toml:"currency"` // code of ISO 4217
	Source   string          `toml:"source"`   // where the price is from
	Date     *toml.LocalDate `toml:"date"`     // when it was so
}

// most is the size of the largest file that is read, in bytes.
const most = 1 << 20

// Read reads a list of prices in TOML: a [[price]] for each machine, with the keys
// machine, per_hour, currency, source and date, and name if that is to be kept too. now
// is when the list is read: a price of a later day is refused. Errors are ErrPrice, and
// those of r.
func Read(r io.Reader, now time.Time) (List, error) {
	var file struct {
		Price []entry `toml:"price"`
	}
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return List{}, err
	}
	if len(text) > most {
		return List{}, refusal{fmt.Sprintf("it is longer than %d bytes: a list of prices is not", most)}
	}
	d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return List{}, refusal{located(err)}
	}
	if len(file.Price) == 0 {
		return List{}, refusal{"it has no [[price]]"}
	}
	out := List{map[string]record.Price{}}
	for i, e := range file.Price {
		p, why := e.price(now)
		if _, twice := out.prices[e.Machine]; why == "" && twice {
			why = "an entry before it has the same machine: leave one out"
		}
		if why != "" {
			return List{}, refusal{fmt.Sprintf("price %d (machine %.60q): %s", i+1, e.Machine, why)}
		}
		out.prices[e.Machine] = p
	}
	return out, nil
}

// price returns the price of an entry, or what is wrong with it.
func (e entry) price(now time.Time) (record.Price, string) {
	unit, err := currency.ParseISO(e.Currency)
	switch {
	case e.Machine == "":
		return record.Price{}, "machine is missing: give the name or the id of a machine"
	case e.PerHour == nil:
		return record.Price{}, "per_hour is missing: give what an hour costs"
	case !(*e.PerHour >= 0) || math.IsInf(*e.PerHour, 0):
		return record.Price{}, fmt.Sprintf("per_hour is %g: a price is 0 or more", *e.PerHour)
	case e.Currency == "" || e.Currency == NoCurrency:
		return record.Price{}, "currency is missing: give its code of ISO 4217, such as EUR"
	case err != nil || unit.String() != e.Currency:
		return record.Price{}, fmt.Sprintf("currency %.20q is no code of ISO 4217, such as EUR", e.Currency)
	case e.Source == "":
		return record.Price{}, "source is missing: say where the price is from"
	case e.Date == nil:
		return record.Price{}, "date is missing: say when the price was so, as in 2026-03-01"
	case e.Date.AsTime(now.Location()).After(now):
		return record.Price{}, fmt.Sprintf("date %v is in the future", *e.Date)
	}
	return record.Price{Name: e.Name, PerHour: *e.PerHour, Currency: e.Currency, Source: e.Source, Date: e.Date.String()}, ""
}

// located returns an error of the decoder with the line that it is about.
func located(err error) string {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, _ := first.Position()
		return fmt.Sprintf("line %d: there is no key %.60q: an entry has machine, name, per_hour, currency, source and date", line, strings.Join(first.Key(), "."))
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, _ := wrong.Position()
		return fmt.Sprintf("line %d: %v", line, err)
	}
	return err.Error()
}

// For returns the price of a machine, nil where the list has none. An entry with the
// machine's id goes before one with its name, which several units may share.
func (l List) For(m record.Machine) *record.Price {
	for _, key := range []string{m.ID, m.Title()} {
		if p, ok := l.prices[key]; ok && key != "" {
			return &p
		}
	}
	return nil
}

// Apply gives each machine of a record the price that the list has of it, in place of
// any other. It returns the machines, by title, of which it has none.
func (l List) Apply(rec *record.Record) (without []string) {
	for i := range rec.Machines {
		m := &rec.Machines[i]
		if p := l.For(*m); p != nil {
			m.Price = p
		} else {
			without = append(without, m.Title())
		}
	}
	return without
}
