// Package price holds what an hour of a machine costs: how a price is written, on a
// command line and in a file, and what an epoch costs at it.
package price

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/currency"

	"epochtime/harness/record"
)

// ErrPrice means that a text or a file is no price of an hour.
var ErrPrice = errors.New("no price")

// NoCurrency is the currency of a price that names none, as ISO 4217 has it.
const NoCurrency = "XXX"

// written is a price as people write it: a currency before or behind the amount, or
// none, and what the amount is for.
var written = regexp.MustCompile(`^(\p{L}+|\p{Sc})?\s*([-+]?[^\s/\p{L}\p{Sc}]+)\s*(\p{L}+|\p{Sc})?\s*(?:/\s*(\p{L}+))?$`)

// amount is a decimal number of 0 or more.
var amount = regexp.MustCompile(`^\d{1,15}(\.\d{1,15})?$`)

// Parse returns the price that a text names, such as 2.48/h, EUR 2.48/h, 2.48 EUR/h
// or €2.48/h: an amount of 0 or more for an hour. Without a currency it is NoCurrency.
// A sign that several currencies share, such as $, is refused. The error is ErrPrice.
func Parse(text string) (record.Price, error) {
	parts := written.FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return record.Price{}, refuse(text, "write it as in 2.48/h or EUR 2.48/h")
	}
	before, digits, behind, unit := parts[1], parts[2], parts[3], parts[4]
	switch {
	case before != "" && behind != "":
		return record.Price{}, refuse(text, "it has a currency before and behind the amount: leave one out")
	case strings.HasPrefix(digits, "-"):
		return record.Price{}, refuse(text, "it is negative: a price is 0 or more")
	case !amount.MatchString(digits):
		return record.Price{}, refuse(text, "%.20q is no amount: write digits with a point, as in 2.48", digits)
	}
	if why := hourly(unit); why != "" {
		return record.Price{}, refuse(text, "%s", why)
	}
	p := record.Price{Currency: NoCurrency}
	if named := before + behind; named != "" {
		code, why := code(named)
		if why != "" {
			return record.Price{}, refuse(text, "%s", why)
		}
		p.Currency = code
	}
	p.PerHour, _ = strconv.ParseFloat(digits, 64) // amount has checked it
	return p, nil
}

// refusal is an ErrPrice with its reason.
type refusal struct{ text string }

func (r refusal) Error() string      { return r.text }
func (refusal) Is(target error) bool { return target == ErrPrice }

func refuse(text, format string, args ...any) error {
	return refusal{fmt.Sprintf("%.60q is no price of an hour: ", text) + fmt.Sprintf(format, args...)}
}

// hourly returns why a unit is not that of an hour; it is empty for one that is. Longer
// times are paid whether the machine is used or not, which an amount does not say.
func hourly(unit string) string {
	switch strings.ToLower(unit) {
	case "h", "hr", "hour":
		return ""
	case "":
		return "it does not say for how long: end it with /h"
	case "d", "day":
		return "divide the price of a day by the hours of it in which the machine is used, 24 at most, and end it with /h"
	case "mo", "month", "y", "yr", "year":
		return "divide the price of a " + map[byte]string{'m': "month", 'y': "year"}[strings.ToLower(unit)[0]] + " by the hours of it in which the machine is used, and end it with /h"
	}
	return fmt.Sprintf("/%.20s is no unit that is known: end it with /h", unit)
}

// signs are those of one currency each.
var signs = map[string]string{"€": "EUR", "₹": "INR", "₺": "TRY", "₽": "RUB", "₴": "UAH", "₪": "ILS", "₫": "VND", "₦": "NGN", "₱": "PHP", "₸": "KZT", "₾": "GEL"}

// shared are signs of several currencies, with some of them.
var shared = map[string]string{"$": "USD, CAD or AUD", "£": "GBP or EGP", "¥": "JPY or CNY", "₩": "KRW or KPW", "₨": "PKR or LKR", "kr": "SEK, NOK or DKK"}

// code returns the code of ISO 4217 that a text means, or why it means none.
func code(text string) (iso, why string) {
	if iso := signs[text]; iso != "" {
		return iso, ""
	}
	if codes := shared[strings.ToLower(text)]; codes != "" {
		return "", fmt.Sprintf("%s is the sign of several currencies: name one, such as %s", text, codes)
	}
	unit, err := currency.ParseISO(text)
	if err != nil || len(text) != 3 {
		return "", fmt.Sprintf("%.20q is no currency: name one by its code of ISO 4217, such as EUR", text)
	}
	return unit.String(), ""
}

// perHour are the seconds that a price is for.
const perHour = 3600

// PerEpoch returns what an epoch of so many seconds costs, in the price's currency.
func PerEpoch(p record.Price, seconds float64) float64 { return p.PerHour / perHour * seconds }

// Interval returns the interval of a cost, given that of its seconds. A price has no
// spread of its own here, so the confidence stays.
func Interval(p record.Price, seconds record.Interval) record.Interval {
	cost := func(v float64) float64 { return PerEpoch(p, v) }
	return record.Interval{
		Median: cost(seconds.Median), Confidence: seconds.Confidence,
		Low: record.Number(cost(float64(seconds.Low))), High: record.Number(cost(float64(seconds.High))),
	}
}
