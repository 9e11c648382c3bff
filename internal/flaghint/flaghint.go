// Package flaghint says which flags mend an error. The library states what is wrong
// in its own words; the programs add the flag.
package flaghint

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"epochtime/harness/dataset"
	"epochtime/harness/graph"
)

// hints are the flags by error, the first that applies first.
var hints = []struct {
	is   error
	flag string
}{
	{dataset.ErrTake, "lower --take"},
	{dataset.ErrSamples, "lower --samples"},
	{dataset.ErrImageSize, "--image-size HxW says to which size images are resized; leave it out where the graph has one"},
	{dataset.ErrHeader, "--header none says that the first line is data, --header first that it names the columns"},
	{dataset.ErrTokens, "--tokens is words, chars or bytes; bytes reads any file"},
	{dataset.ErrWindow, "--window N says how many tokens an example has, as in --window 64"},
	{dataset.ErrClasses, "--classes N of export sets how many"},
	{dataset.ErrArray, "--data NAME=FILE.npy names the input or target of each file"},
	{dataset.ErrColumn, "--input NAME=COLUMN says which column feeds an input or target, NAME=A,B,C several"},
	{dataset.ErrPreprocess, "see --preprocess"},
	{dataset.ErrSynthetic, "give data with --data FILE"},
	{graph.ErrData, "--data FILE gives another"},
	{graph.ErrFixedBatch, "leave out --batch, or export the graph with that --batch"},
	{graph.ErrDivide, "--samples N takes so many"},
	{graph.ErrSplit, "--batch N sets it"},
}

// For returns what to do about an error, or "" where no flag mends it.
func For(err error) string {
	var offer *dataset.Offer
	if errors.As(err, &offer) {
		return Inputs(offer.Columns)
	}
	for _, h := range hints {
		if errors.Is(err, h.is) {
			return h.flag
		}
	}
	return ""
}

// Inputs returns the flags that feed inputs and targets from those columns.
func Inputs(columns map[string]string) string {
	var flags []string
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		flags = append(flags, "--input "+name+"="+columns[name])
	}
	return strings.Join(flags, " ")
}
