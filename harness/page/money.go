package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// money formats an amount with three significant digits.
func money(v float64, currency string) string {
	text := fmt.Sprintf("%.2f", v)
	if a := math.Abs(v); a > 0 && a < 0.9995 {
		text = strings.TrimRight(strconv.FormatFloat(v, 'f', 2-int(math.Floor(math.Log10(a))), 64), "0")
	}
	if currency == "XXX" {
		return text
	}
	return text + " " + currency
}
