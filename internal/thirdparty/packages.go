package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

var pin = regexp.MustCompile(`(?m)^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)`)

// locked returns the packages that lock files pin, by name. A package may have several
// versions, for several Pythons.
func locked(files []string) ([]component, error) {
	versions := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, found := range pin.FindAllStringSubmatch(string(text), -1) {
			name := canonical(found[1])
			if !slices.Contains(versions[name], found[2]) {
				versions[name] = append(versions[name], found[2])
			}
		}
	}
	out := map[string]component{}
	for name, all := range versions {
		slices.Sort(all)
		out[name] = component{name: name, version: strings.Join(all, ", ")}
	}
	return sorted(out), nil
}

// canonical is the name of a package as the lock files write it.
func canonical(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "-")) }

// metadata is what a package says of itself, in pip's report.
type metadata struct {
	Name       string   `json:"name"`
	Expression string   `json:"license_expression"`
	License    string   `json:"license"`
	Classifier []string `json:"classifier"`
}

// addMetadata takes the licences of packages from reports of pip.
func addMetadata(packages []component, reports []string) error {
	licences := map[string]string{}
	for _, report := range reports {
		text, err := os.ReadFile(report)
		if err != nil {
			return err
		}
		var all struct {
			Install []struct {
				Metadata metadata `json:"metadata"`
			} `json:"install"`
		}
		if err := json.Unmarshal(text, &all); err != nil {
			return fmt.Errorf("%s: %w", report, err)
		}
		for _, one := range all.Install {
			licences[canonical(one.Metadata.Name)] = one.Metadata.licence()
		}
	}
	for i := range packages {
		p := &packages[i]
		if p.licence = cmp.Or(licences[p.name], unstated[p.name]); p.licence == "" {
			return fmt.Errorf("no licence of %s is known: pip's reports do not name it", p.name)
		}
	}
	return nil
}

// unstated are licences that the metadata of a package leaves out, from its source.
var unstated = map[string]string{
	"namex":          "Apache-2.0",
	"tensorflow-cpu": "Apache-2.0", // not installed on ARM
}

// spdx names the licences that metadata calls otherwise.
var spdx = map[string]string{
	"Apache 2.0": "Apache-2.0", "Apache License 2.0": "Apache-2.0", "Apache Software License": "Apache-2.0",
	"MIT License": "MIT", "BSD 3-Clause": "BSD-3-Clause", "3-Clause BSD License": "BSD-3-Clause",
	"NVIDIA Proprietary Software": "LicenseRef-NVIDIA-Proprietary",
}

// licence is empty where the metadata does not say.
func (m metadata) licence() string {
	said := m.License
	if strings.Contains(said, "\n") || len(said) > 40 { // the text of a licence
		said = ""
	}
	if said = cmp.Or(m.Expression, said); said == "" {
		for _, c := range m.Classifier {
			if of, ok := strings.CutPrefix(c, "License :: OSI Approved :: "); ok {
				said = of
			}
		}
	}
	return cmp.Or(spdx[said], said)
}
