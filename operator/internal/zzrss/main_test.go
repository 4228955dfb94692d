package zzrss
import ("testing";"os";"os/exec";"time";"fmt";"strings";"path/filepath"
"sigs.k8s.io/controller-runtime/pkg/envtest"
"github.com/shema-music/shema/services/course/migrations"
"github.com/shema-music/shema/services/kit/pgtest")
func TestRSS(t *testing.T){
 e:=&envtest.Environment{CRDDirectoryPaths: []string{"../../config/crd"}}
 _,err:=e.Start(); if err!=nil {t.Fatal(err)}
 defer e.Stop()
 kc:=filepath.Join(t.TempDir(),"kc"); os.WriteFile(kc,e.KubeConfig,0o600); os.WriteFile("/tmp/op-kc",e.KubeConfig,0o600)
 db:=pgtest.NewDatabase(t, pgtest.Schema{Name:"course", Role:"course_service", Migrations: migrations.Files})
 out,err:=exec.Command("/tmp/kubectl","--kubeconfig",kc,"apply","-f","../../../k8s/samples").CombinedOutput(); fmt.Println(string(out),err)
 cmd:=exec.Command("/tmp/op-bin"); cmd.Env=append(os.Environ(),"KUBECONFIG="+kc,"DATABASE_URL="+db.URL("catalog_operator"),"LISTEN_HOST=127.0.0.1","PROBE_PORT=13007","METRICS_PORT=19007"); f,_:=os.Create("/tmp/op-log"); cmd.Stdout=f; cmd.Stderr=f
 start:=time.Now()
 if err:=cmd.Start(); err!=nil {t.Fatal(err)}
 defer func(){cmd.Process.Signal(os.Interrupt); s:=time.Now(); cmd.Wait(); fmt.Println("stopped in",time.Since(s), cmd.ProcessState)}()
 out,_=exec.Command("/tmp/kubectl","--kubeconfig",kc,"wait","--for=condition=Ready","--timeout=60s","-f","../../../k8s/samples").CombinedOutput(); fmt.Println(time.Since(start), strings.Count(string(out),"met"))
 out,_=exec.Command("/tmp/kubectl","--kubeconfig",kc,"get","courses,schedules").CombinedOutput(); fmt.Println(string(out))
 n:=16; if os.Getenv("LONG")!="" {n=360}
 for i:=0;i<n;i++ { time.Sleep(2*time.Second); b,_:=os.ReadFile(fmt.Sprintf("/proc/%d/status",cmd.Process.Pid)); for _,l:=range strings.Split(string(b),"\n"){ if strings.HasPrefix(l,"VmRSS")||strings.HasPrefix(l,"RssAnon")||strings.HasPrefix(l,"VmHWM") {fmt.Print(l," ")}}; st,_:=os.ReadFile(fmt.Sprintf("/proc/%d/stat",cmd.Process.Pid)); fl:=strings.Fields(string(st)); fmt.Println("cpu",fl[13],fl[14]) }
 sm,_:=os.ReadFile(fmt.Sprintf("/proc/%d/smaps",cmd.Process.Pid)); os.WriteFile("/tmp/op-smaps",sm,0o600)
 out,_=exec.Command("curl","-s","http://127.0.0.1:13007/readyz?verbose").CombinedOutput(); fmt.Println(string(out))
 out,_=exec.Command("sh","-c","curl -s http://127.0.0.1:19007/metrics | grep -c . ; curl -s http://127.0.0.1:19007/metrics | grep '^shema\\|^go_memstats_heap_\\|^go_gor\\|reconcile_total'").CombinedOutput(); fmt.Println(string(out))
}
