package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"epochtime/harness/exporter"
	"epochtime/harness/setting"
	"epochtime/harness/store"
)

// completeFlags makes shells offer the values of flags of root and the commands below
// it.
func completeFlags(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		completeFlags(cmd)
	}
	root.LocalFlags().VisitAll(func(f *pflag.Flag) {
		values := flagValues(root, f)
		if values == nil {
			return
		}
		_ = root.RegisterFlagCompletionFunc(f.Name, func(_ *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			return values(), cobra.ShellCompDirectiveNoFileComp
		})
	})
}

// flagValues returns a function that lists the values of a flag, or nil if they cannot
// be listed.
func flagValues(cmd *cobra.Command, f *pflag.Flag) func() []string {
	if s, ok := f.Value.(*settingFlag); ok {
		if len(s.s.Choices) == 0 {
			return nil
		}
		return func() []string { return s.s.Choices }
	}
	switch f.Name {
	case "suite":
		return exporter.Suites
	case "format":
		return reportFormats
	case "rank":
		return measureNames
	case "precision":
		return func() []string { return []string{"float32", "mixed_bfloat16", "mixed_float16"} }
	case "graph":
		return func() []string { return graphNames(defaultRoot()) }
	}
	if s, ok := setting.Find(f.Name); ok && len(s.Choices) > 0 && s.Axis != "" && cmd.Name() == "sweep" {
		return func() []string { return append([]string{s.Unset}, s.Choices...) }
	}
	return nil
}

// completeAssignment offers a shell the keys of an ab's side, and behind a key its
// values.
func (f *graphFlags) completeAssignment(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var out []string
	key, _, hasKey := strings.Cut(typed, "=")
	if !hasKey {
		for _, key := range abKeys() {
			name, open := strings.CutSuffix(key, "NAME")
			out = append(out, name+map[bool]string{false: "="}[open])
		}
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace // a value follows
	}
	s, _ := setting.Find(key)
	values := s.Choices
	if key == graphKey {
		values = graphNames(f.root)
	}
	for _, v := range values {
		out = append(out, key+"="+v)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// completeRecords offers a shell the records of the history as the first
// arguments, at most so many (0 is no limit): the newest, each by its tags and its
// id. Files are records too.
func completeRecords(h *historyFlags, most int) cobra.CompletionFunc {
	return func(_ *cobra.Command, named []string, typed string) ([]string, cobra.ShellCompDirective) {
		if most > 0 && len(named) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		if typed != "" && !strings.HasPrefix(typed, "@") {
			return nil, cobra.ShellCompDirectiveDefault
		}
		db, err := h.open()
		if err != nil || db == nil {
			return nil, cobra.ShellCompDirectiveDefault
		}
		defer db.Close()
		entries, err := db.List(store.Filter{Limit: listed})
		if err != nil || len(entries) == 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		out := []string{"@last"}
		for _, e := range entries {
			for _, tag := range e.Tags {
				out = append(out, "@tag:"+tag)
			}
			out = append(out, "@"+e.ID[:min(8, len(e.ID))]+"\t"+e.Started.Format("2006-01-02 15:04")+" "+e.Kind)
		}
		return out, cobra.ShellCompDirectiveDefault
	}
}
