{{/* A NetworkPolicy for the pods of one id: include "shema.networkPolicy" (dict "root" $ "id" "x" "ingress" list "egress" list). */}}
{{- define "shema.networkPolicy" -}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "shema.metadata" (dict "root" .root "name" .id "id" .id) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "shema.selectorLabels" (dict "id" .id) | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- toYaml .ingress | nindent 4 }}
  egress:
    {{- toYaml .egress | nindent 4 }}
{{ end -}}

{{/* The pods of an app, as a peer, in JSON. */}}
{{- define "shema.peer" -}}
{{- dict "podSelector" (dict "matchLabels" (include "shema.selectorLabels" (dict "id" .) | fromYaml)) | toJson -}}
{{- end -}}

{{/* A rule in JSON: include "shema.rule" (list "to" peers ports). No peers means all. */}}
{{- define "shema.rule" -}}
{{- $ports := list -}}
{{- range index . 2 -}}{{- $ports = append $ports (dict "protocol" "TCP" "port" (int .)) -}}{{- end -}}
{{- $rule := dict "ports" $ports -}}
{{- with index . 1 -}}{{- $_ := set $rule (index $ 0) . -}}{{- end -}}
{{- $rule | toJson -}}
{{- end -}}

{{/* The port of a URL. */}}
{{- define "shema.urlPort" -}}
{{- $url := urlParse . -}}
{{- $last := $url.host | splitList ":" | last -}}
{{- if and (contains ":" $url.host) (regexMatch "^[0-9]+$" $last) -}}{{ $last }}{{- else -}}{{ eq $url.scheme "https" | ternary 443 80 }}{{- end -}}
{{- end -}}
