// The shipped dashboards against Grafana's own definition of them: grafana-foundation-sdk, which Grafana generates from its
// schemas. Strict: a field that is missing, of another type or unknown is an error, in the dashboard, its variables and
// panels, each panel's options and field configuration by its kind, and each Prometheus query.
//
//	cd tools/grafana/schema && go run . ../../../dashboards/grafana/*.json
//
// Exit status 0: all valid; 1: not; 2: wrong usage. tools/grafana/check-schema runs it where Go and the SDK are to be had.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func check(raw []byte) ([]error, int) {
	var strict, whole dashboard.Dashboard // the strict reading keeps no panels
	var errs []error
	for _, err := range []error{strict.UnmarshalJSONStrict(raw), json.Unmarshal(raw, &whole), whole.Validate()} {
		if err != nil && err.Error() != "" { // none at all is a list of none
			errs = append(errs, err)
		}
	}
	for _, one := range whole.Panels {
		if one.Panel == nil {
			continue
		}
		if _, known := cog.ConfigForPanelcfgVariant(one.Panel.Type); !known {
			errs = append(errs, fmt.Errorf("no kind of panel: %s", one.Panel.Type))
		}
	}
	return errs, len(whole.Panels)
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "Usage: go run . DASHBOARD.json...")
		os.Exit(2)
	}
	plugins.RegisterDefaultPlugins()
	failed := false
	for _, file := range os.Args[1:] {
		raw, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		errs, panels := check(raw)
		for _, err := range errs {
			fmt.Printf("%s: %v\n", filepath.Base(file), err)
			failed = true
		}
		if len(errs) == 0 {
			fmt.Printf("%s: valid, %d panels and rows\n", filepath.Base(file), panels)
		}
	}
	if failed {
		os.Exit(1)
	}
}
