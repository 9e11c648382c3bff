package main

import (
	"slices"
	"strconv"
	"strings"

	"epochtime/harness/setting"
)

// parseList parses a list of values of a setting, separated by commas. A..B stands for
// A, its doubles below B, and B.
func parseList(axis setting.Setting, text string) ([]string, error) {
	var out []string
	for _, part := range strings.Split(text, ",") {
		values := []string{strings.TrimSpace(part)}
		if from, to, ok := strings.Cut(part, ".."); ok {
			var err error
			if values, err = doubles(axis.Name, part, from, to); err != nil {
				return nil, err
			}
		}
		for _, v := range values {
			if v == "" {
				return nil, usagef("--%s %q has an empty value", axis.Name, text)
			}
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	return out, nil
}

func doubles(name, part, from, to string) ([]string, error) {
	low, err1 := strconv.Atoi(strings.TrimSpace(from))
	high, err2 := strconv.Atoi(strings.TrimSpace(to))
	if err1 != nil || err2 != nil || low < 1 || high < low {
		return nil, usagef("--%s %s: a range is two integers from 1 up, such as 1..4096", name, part)
	}
	var out []string
	for n := low; n < high; n *= 2 {
		out = append(out, strconv.Itoa(n))
		if n > high/2 { // 2n exceeds high, and may overflow
			break
		}
	}
	return append(out, strconv.Itoa(high)), nil
}
