package main

import (
	"errors"
	"strconv"
	"strings"
)

// percentFlag is a share: "5%" and "0.05" are the same.
type percentFlag float64

func (p *percentFlag) String() string {
	if *p == 0 {
		return ""
	}
	return strconv.FormatFloat(100*float64(*p), 'g', 6, 64) + "%"
}

func (p *percentFlag) Set(text string) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v > 0 && v < 1) {
		return errors.New("a share is above 0 and below 100 %, such as 5% or 0.05")
	}
	*p = percentFlag(v)
	return nil
}

func (p *percentFlag) Type() string { return "SHARE" }
