package main

import (
	"slices"
	"strconv"
	"strings"
)

// gridKeys are the settings that a sweep varies, in the order of its rows.
var gridKeys = []string{"samples", "batch", "intra-op", "inter-op", "prefetch", "executor"}

// mostPoints keeps a slip in a range from asking for days of work.
const mostPoints = 10_000

// parseList reads the values of a setting: parts between commas, of which A..B
// stands for A, its doubles below B, and B.
func parseList(key, text string) ([]string, error) {
	var out []string
	for _, part := range strings.Split(text, ",") {
		values := []string{strings.TrimSpace(part)}
		if from, to, ok := strings.Cut(part, ".."); ok {
			var err error
			if values, err = doubles(key, part, from, to); err != nil {
				return nil, err
			}
		}
		for _, v := range values {
			if v == "" && key != "executor" {
				return nil, usagef("--%s %q has an empty value", key, text)
			}
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	return out, nil
}

func doubles(key, part, from, to string) ([]string, error) {
	low, err1 := strconv.Atoi(strings.TrimSpace(from))
	high, err2 := strconv.Atoi(strings.TrimSpace(to))
	if err1 != nil || err2 != nil || low < 1 || high < low {
		return nil, usagef("--%s %s: a range goes from 1 or more to no less, as in 1..4096", key, part)
	}
	var out []string
	for n := low; n < high; n *= 2 {
		out = append(out, strconv.Itoa(n))
		if n > high/2 { // the next would pass it, or overflow
			break
		}
	}
	return append(out, strconv.Itoa(high)), nil
}

// product is every combination of the values of the keys; the last key changes
// fastest.
func product(keys []string, values map[string][]string) [][]setting {
	out := [][]setting{nil}
	for _, key := range keys {
		var longer [][]setting
		for _, before := range out {
			for _, v := range values[key] {
				longer = append(longer, append(slices.Clone(before), setting{key, v}))
			}
		}
		out = longer
	}
	return out
}
