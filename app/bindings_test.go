package app

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// exposed is everything that a script in the window can call. A line is added
// here on purpose or not at all.
var exposed = []string{
	"AuditTrail.Entry(arg1:number):Promise<string>",
	"AuditTrail.List(arg1:workspace.TrailQuery):Promise<workspace.TrailPage>",
	"AuditTrail.Proof():Promise<workspace.TrailProof>",
	"AuditTrail.Rebuild():Promise<Array<workspace.Said>>",
	"AuditTrail.Verify():Promise<workspace.Work>",
	"ChangeRequests.Activity(arg1:string):Promise<Array<workspace.Happening>>",
	"ChangeRequests.Add(arg1:string,arg2:Array<governance.Customization>):Promise<workspace.RequestView>",
	"ChangeRequests.Attach(arg1:string):Promise<workspace.RequestView>",
	"ChangeRequests.AttachDropped(arg1:string,arg2:string):Promise<workspace.RequestView>",
	"ChangeRequests.CheckNames(arg1:Array<governance.Customization>):Promise<Array<workspace.NameCheck>>",
	"ChangeRequests.Content(arg1:string,arg2:workspace.ContentQuery):Promise<workspace.ContentPage>",
	"ChangeRequests.Delete(arg1:string):Promise<void>",
	"ChangeRequests.Do(arg1:string,arg2:workspace.Wish):Promise<workspace.RequestView>",
	"ChangeRequests.Duplicate(arg1:string):Promise<workspace.RequestView>",
	"ChangeRequests.Export(arg1:string):Promise<string>",
	"ChangeRequests.ExportText(arg1:string):Promise<string>",
	"ChangeRequests.Get(arg1:string):Promise<workspace.RequestView>",
	"ChangeRequests.Impact(arg1:string):Promise<workspace.Impact>",
	"ChangeRequests.Import(arg1:string):Promise<workspace.RequestView>",
	"ChangeRequests.ImportText(arg1:string,arg2:string,arg3:string):Promise<workspace.RequestView>",
	"ChangeRequests.List(arg1:workspace.RequestQuery):Promise<workspace.RequestPage>",
	"ChangeRequests.Redo(arg1:string):Promise<workspace.RequestView>",
	"ChangeRequests.Remind(arg1:string):Promise<workspace.Reminder>",
	"ChangeRequests.Remove(arg1:string,arg2:Array<governance.Customization>):Promise<workspace.RequestView>",
	"ChangeRequests.RemoveAttachment(arg1:string,arg2:string):Promise<workspace.RequestView>",
	"ChangeRequests.RemoveManifest(arg1:string,arg2:string):Promise<workspace.RequestView>",
	"ChangeRequests.Review(arg1:string,arg2:governance.Verdict,arg3:string,arg4:string):Promise<workspace.RequestView>",
	"ChangeRequests.Save(arg1:string,arg2:workspace.RequestFields):Promise<workspace.RequestView>",
	"ChangeRequests.SaveAttachment(arg1:string,arg2:string):Promise<string>",
	"ChangeRequests.Since(arg1:string,arg2:string):Promise<workspace.Since>",
	"ChangeRequests.Undo(arg1:string):Promise<workspace.RequestView>",
	"Delegations.End(arg1:string,arg2:string):Promise<workspace.Delegations>",
	"Delegations.Give(arg1:workspace.DelegationFields):Promise<workspace.Delegations>",
	"Delegations.List():Promise<workspace.Delegations>",
	"DeploymentLogs.Cancel(arg1:string):Promise<workspace.LogView>",
	"DeploymentLogs.Get(arg1:string):Promise<workspace.LogView>",
	"DeploymentLogs.GiveUp(arg1:string):Promise<workspace.LogView>",
	"DeploymentLogs.OpenStatusPage(arg1:string):Promise<void>",
	"DeploymentLogs.Raw(arg1:string,arg2:number):Promise<workspace.TextPage>",
	"DeploymentLogs.SendAgain(arg1:string):Promise<workspace.Work>",
	"DeploymentRecords.AddMissing(arg1:string,arg2:Array<governance.Customization>,arg3:string):Promise<workspace.RequestView>",
	"DeploymentRecords.CheckDependencies(arg1:string):Promise<workspace.Work>",
	"DeploymentRecords.Compare(arg1:string):Promise<workspace.Compared>",
	"DeploymentRecords.Content(arg1:string,arg2:workspace.ContentQuery):Promise<workspace.ContentPage>",
	"DeploymentRecords.Delete(arg1:string):Promise<void>",
	"DeploymentRecords.Dependencies(arg1:string):Promise<workspace.DependencyAnswer>",
	"DeploymentRecords.Do(arg1:string,arg2:workspace.Wish):Promise<workspace.RecordView>",
	"DeploymentRecords.Get(arg1:string):Promise<workspace.RecordView>",
	"DeploymentRecords.List(arg1:workspace.RecordQuery):Promise<workspace.RecordPage>",
	"DeploymentRecords.Remind(arg1:string):Promise<workspace.Reminder>",
	"DeploymentRecords.RunScan(arg1:string):Promise<workspace.Work>",
	"DeploymentRecords.Save(arg1:string,arg2:workspace.RecordFields):Promise<workspace.RecordView>",
	"DeploymentRecords.Sides(arg1:string,arg2:governance.Customization):Promise<Array<workspace.Side>>",
	"DeploymentRecords.Start(arg1:string,arg2:governance.AttemptKind,arg3:string):Promise<workspace.Work>",
	"Environments.CLIOrgs():Promise<Array<salesforce.CLIOrg>>",
	"Environments.CancelSignIn(arg1:string):Promise<void>",
	"Environments.CheckOutside(arg1:string,arg2:boolean):Promise<workspace.Reconciled>",
	"Environments.ConfirmSignIn(arg1:string,arg2:string):Promise<workspace.Connection>",
	"Environments.CopySignIn(arg1:string):Promise<void>",
	"Environments.DeclineSignIn(arg1:string,arg2:string):Promise<workspace.EnvironmentView>",
	"Environments.Diagnose(arg1:string):Promise<workspace.Diagnosis>",
	"Environments.FindProbable(arg1:string,arg2:Array<string>):Promise<number>",
	"Environments.Get(arg1:string):Promise<workspace.EnvironmentView>",
	"Environments.Inventory(arg1:string,arg2:workspace.InventoryQuery):Promise<workspace.InventoryPage>",
	"Environments.List():Promise<Array<workspace.EnvironmentView>>",
	"Environments.OpenOutside(arg1:string,arg2:string):Promise<void>",
	"Environments.Outside(arg1:string,arg2:workspace.OutsideQuery):Promise<workspace.OutsidePage>",
	"Environments.ProbablyDeployed(arg1:string):Promise<Array<workspace.ProbableChange>>",
	"Environments.RemoveSecret(arg1:string):Promise<workspace.EnvironmentView>",
	"Environments.ResolveOutside(arg1:string,arg2:workspace.OutsideWish):Promise<workspace.OutsideAnswer>",
	"Environments.RunScan(arg1:string):Promise<workspace.Work>",
	"Environments.Save(arg1:string,arg2:workspace.EnvironmentFields):Promise<workspace.EnvironmentView>",
	"Environments.SaveCredentials(arg1:string,arg2:workspace.Secrets):Promise<workspace.EnvironmentView>",
	"Environments.ShowSignIn(arg1:string):Promise<void>",
	"Environments.SignIn(arg1:string):Promise<workspace.Connection>",
	"Environments.SignInRecipe():Promise<workspace.SignInRecipe>",
	"Environments.SignOut(arg1:string):Promise<workspace.EnvironmentView>",
	"Environments.Summary(arg1:string):Promise<workspace.InventorySummary>",
	"Environments.TestConnection(arg1:string):Promise<workspace.Connection>",
	"Exchange.Drafts(arg1:string):Promise<Array<workspace.DraftChoice>>",
	"Exchange.Evidence(arg1:store.EvidenceQuery):Promise<app.SavedFile>",
	"Exchange.Export(arg1:store.Selection,arg2:string):Promise<app.SavedFile>",
	"Exchange.Import(arg1:string,arg2:string,arg3:string):Promise<store.Delivery>",
	"Exchange.Opened():Promise<app.PickedFile>",
	"Exchange.Pick():Promise<app.PickedFile>",
	"Exchange.PickDropped(arg1:string):Promise<app.PickedFile>",
	"Exchange.Preview(arg1:string,arg2:string):Promise<store.Delivery>",
	"Exchange.Sent():Promise<Array<store.SentRequest>>",
	"Exchange.ShowFile(arg1:string):Promise<void>",
	"Exchange.TakeDraft(arg1:string,arg2:string,arg3:boolean):Promise<workspace.RequestView>",
	"Exchange.Verify(arg1:string,arg2:string):Promise<workspace.FileReport>",
	"Home.Dismiss(arg1:string):Promise<void>",
	"Home.Today():Promise<workspace.Today>",
	"Home.Works():Promise<Array<workspace.Work>>",
	"Members.AskToJoin(arg1:string,arg2:string):Promise<workspace.Members>",
	"Members.Get():Promise<workspace.Members>",
	"Members.Invite(arg1:string):Promise<string>",
	"Members.KeyActs(arg1:string):Promise<Array<workspace.KeyAct>>",
	"Members.MakeKit(arg1:string):Promise<workspace.Members>",
	"Members.Preview(arg1:workspace.RosterChange):Promise<Array<workspace.PolicyDiff>>",
	"Members.Propose(arg1:workspace.RosterChange):Promise<workspace.Members>",
	"Members.RestoreKey(arg1:string):Promise<workspace.Members>",
	"Members.SaveKey(arg1:string):Promise<string>",
	"Members.Sign(arg1:string):Promise<workspace.Members>",
	"Members.SignWithFile(arg1:string,arg2:string):Promise<workspace.Members>",
	"Policies.Get():Promise<workspace.Policies>",
	"Policies.Propose(arg1:governance.Policy,arg2:Array<governance.Policy>):Promise<workspace.Policies>",
	"Policies.Sign(arg1:string):Promise<workspace.Policies>",
	"Policies.WouldNeed(arg1:workspace.PolicyQuestion):Promise<workspace.PolicyAnswer>",
	"Settings.About():Promise<app.About>",
	"Settings.BackUp():Promise<workspace.BackupFile>",
	"Settings.BackUpTo():Promise<string>",
	"Settings.Backups():Promise<Array<workspace.BackupFile>>",
	"Settings.Copy(arg1:string):Promise<void>",
	"Settings.OpenAddress(arg1:string):Promise<void>",
	"Settings.OpenFolder():Promise<void>",
	"Settings.OpenLink(arg1:string):Promise<void>",
	"Settings.Prefer(arg1:string,arg2:string):Promise<void>",
	"Settings.Preferences():Promise<Record<string, string>>",
	"Settings.Print():Promise<void>",
	"Settings.Restore(arg1:string):Promise<workspace.State>",
	"Workspaces.ActAs(arg1:string):Promise<workspace.State>",
	"Workspaces.Create(arg1:string,arg2:string):Promise<workspace.State>",
	"Workspaces.Join(arg1:string):Promise<workspace.State>",
	"Workspaces.JoinPicked(arg1:string,arg2:string):Promise<workspace.State>",
	"Workspaces.Leave():Promise<workspace.State>",
	"Workspaces.OpenDemo():Promise<workspace.State>",
	"Workspaces.OpenOwn(arg1:string):Promise<workspace.State>",
	"Workspaces.State():Promise<workspace.State>",
}

const generated = "../frontend/wailsjs/go"

var function = regexp.MustCompile(`(?m)^export function (.*);$`)

func TestThePageCanCallExactlyTheseMethods(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(generated, "*", "*.d.ts"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no generated bindings in %s: %v", generated, err)
	}
	var found []string
	for _, file := range files {
		if folder := filepath.Base(filepath.Dir(file)); folder != "app" {
			t.Errorf("%s exposes package %s; only app may be bound", file, folder)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		for _, m := range function.FindAllSubmatch(text, -1) {
			found = append(found, fmt.Sprintf("%s.%s", name[:len(name)-len(".d.ts")], m[1]))
		}
	}
	if d := cmp.Diff(exposed, found); d != "" {
		t.Errorf("frontend/wailsjs exposes something else (-wanted +found); run make bindings if it is meant:\n%s", d)
	}
}

func TestTheBindingsAreThoseOfTheFacades(t *testing.T) {
	var methods []string
	for _, f := range facades(nil) {
		for m := range methodsOf(f) {
			methods = append(methods, m)
		}
	}
	var names []string
	for _, e := range exposed {
		names = append(names, regexp.MustCompile(`^[^(]*`).FindString(e))
	}
	slices.Sort(methods)
	if d := cmp.Diff(names, methods); d != "" {
		t.Errorf("the facades' methods differ from the list (-list +facades):\n%s", d)
	}
}

// A value that JSON cannot carry ends the process inside Wails, without
// OnShutdown; a second result is lost on the way; a facade's exported field
// would be reachable.
func TestWhatCrossesToThePageIsFitForIt(t *testing.T) {
	for _, f := range facades(nil) {
		facade := reflect.TypeOf(f).Elem()
		for i := range facade.NumField() {
			if facade.Field(i).IsExported() || facade.Field(i).Anonymous {
				t.Errorf("%s.%s is exported or embedded", facade.Name(), facade.Field(i).Name)
			}
		}
		for name, method := range methodsOf(f) {
			for _, problem := range unfitMethod(method) {
				t.Errorf("%s: %s", name, problem)
			}
		}
	}
}

func TestUnfitMethodsAreFound(t *testing.T) {
	type row struct {
		At    time.Time
		Ratio float64
		Note  any
	}
	for name, method := range map[string]any{
		"a float may be NaN":             func() (float64, error) { return 0, nil },
		"a channel":                      func() (chan int, error) { return nil, nil },
		"a time without ts_type":         func() ([]row, error) { return nil, nil },
		"two results beside the error":   func() (int, int, error) { return 0, 0, nil },
		"two results, neither an error":  func() (int, int) { return 0, 0 },
		"a variable number of arguments": func(...string) error { return nil },
		"an interface argument":          func(any) error { return nil },
	} {
		if len(unfitMethod(reflect.TypeOf(method))) == 0 {
			t.Errorf("%s passes for fit", name)
		}
	}
	if problems := unfitMethod(reflect.TypeOf(func() ([]row, error) { return nil, nil })); len(problems) != 3 {
		t.Errorf("a row of three unfit fields has the problems %q", problems)
	}
}

func methodsOf(facade any) map[string]reflect.Type {
	methods := map[string]reflect.Type{}
	value := reflect.ValueOf(facade)
	for i := range value.NumMethod() {
		methods[value.Type().Elem().Name()+"."+value.Type().Method(i).Name] = value.Method(i).Type()
	}
	return methods
}

var errorType = reflect.TypeFor[error]()

func unfitMethod(m reflect.Type) (problems []string) {
	if m.IsVariadic() {
		problems = append(problems, "a variable number of arguments never settles")
	}
	for i := range m.NumIn() {
		problems = append(problems, unfit(m.In(i), "argument", "", nil)...)
	}
	results := m.NumOut()
	if results > 0 && m.Out(results-1) == errorType {
		results--
	}
	if results > 1 {
		problems = append(problems, "more than one result beside the error")
	}
	for i := range results {
		problems = append(problems, unfit(m.Out(i), "result", "", nil)...)
	}
	return problems
}

func unfit(t reflect.Type, path string, tag reflect.StructTag, inside []reflect.Type) (problems []string) {
	if t == reflect.TypeFor[time.Time]() {
		if tag.Get("ts_type") != "string" {
			return []string{path + ` is a time without ts_type:"string"`}
		}
		return nil
	}
	if slices.Contains(inside, t) {
		return nil
	}
	inside = append(inside, t)
	switch t.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128,
		reflect.Chan, reflect.Func, reflect.Interface, reflect.UnsafePointer, reflect.Uintptr:
		return []string{fmt.Sprintf("%s is a %s", path, t)}
	case reflect.Slice, reflect.Array, reflect.Pointer:
		return unfit(t.Elem(), path+"[]", tag, inside)
	case reflect.Map:
		return append(unfit(t.Key(), path+" key", "", inside), unfit(t.Elem(), path+"[]", "", inside)...)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if f.IsExported() && f.Tag.Get("json") != "-" {
				problems = append(problems, unfit(f.Type, path+"."+f.Name, f.Tag, inside)...)
			}
		}
	}
	return problems
}
