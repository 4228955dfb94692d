{{/* All app ids, as a JSON list: include "shema.appIDs" . | fromJsonArray */}}
{{- define "shema.appIDs" -}}
{{- $ids := list -}}
{{- range include "shema.apps" . | fromYaml -}}{{- $ids = append $ids .id -}}{{- end -}}
{{- $ids | sortAlpha | toJson -}}
{{- end -}}

{{/* The app ids that have a sidecar, as a JSON list. */}}
{{- define "shema.sidecarIDs" -}}
{{- $ids := list -}}
{{- range include "shema.apps" . | fromYaml -}}{{- if .sidecar -}}{{- $ids = append $ids .id -}}{{- end -}}{{- end -}}
{{- $ids | sortAlpha | toJson -}}
{{- end -}}

{{/* Labels of a resource: include "shema.labels" (dict "root" $ "id" "api-gateway"). Without an id it belongs to all. */}}
{{- define "shema.labels" -}}
{{ include "shema.selectorLabels" . }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name (replace "+" "_" .root.Chart.Version) }}
{{- end -}}

{{/* What selects the pods of one app: include "shema.selectorLabels" (dict "id" "api-gateway"). */}}
{{- define "shema.selectorLabels" -}}
app.kubernetes.io/name: {{ .id | default "shema" }}
app.kubernetes.io/part-of: shema
{{- end -}}

{{/* Name, namespace and labels of a resource: include "shema.metadata" (dict "root" $ "name" "x" "id" "api-gateway"). */}}
{{- define "shema.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "shema.labels" . | nindent 2 }}
{{- end -}}

{{/* The settings of one program, as JSON: include "shema.settings" (dict "root" $ "key" "gateway") | fromJson */}}
{{- define "shema.settings" -}}
{{- $own := has .key (list "operator" "web") | ternary (index .root.Values .key) (index .root.Values.apps .key) | default dict -}}
{{- $settings := mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy $own) -}}
{{- /* Of the operator's pods one works, however many there are. */ -}}
{{- if eq .key "operator" }}{{ $_ := set $settings "autoscaling" (dict "enabled" false) }}{{- end -}}
{{- $settings | toJson -}}
{{- end -}}

{{/* The image of one program: include "shema.image" (dict "root" $ "key" "gateway"). */}}
{{- define "shema.image" -}}
{{- $own := (include "shema.settings" . | fromJson).image -}}
{{- if $own -}}
{{- $own -}}
{{- else -}}
{{- $registry := required "Set image.registry to where the images are, such as registry.example/school" .root.Values.image.registry -}}
{{- printf "%s/%s:%s" (trimSuffix "/" $registry) .key (.root.Values.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* Names of the Secrets. */}}
{{- define "shema.secret" -}}{{ .Values.secrets.existingSecret | default "shema-secrets" }}{{- end -}}
{{- define "shema.postgresSecret" -}}{{ .Values.postgres.existingSecret | default "shema-postgres" }}{{- end -}}
{{- define "shema.redisSecret" -}}{{ .Values.redis.existingSecret | default "shema-redis" }}{{- end -}}
{{/* Where people find the website: links in mails lead there. */}}
{{- define "shema.webURL" -}}
{{- if .Values.webURL -}}
{{- .Values.webURL -}}
{{- else if .Values.ingress.enabled -}}
{{- printf "%s://%s" (ternary "https" "http" (not (empty .Values.ingress.tls))) .Values.ingress.host -}}
{{- else -}}
http://localhost:3000
{{- end -}}
{{- end -}}

{{/* Whether there is a mail server: without one nothing about mail is set up. */}}
{{- define "shema.hasMail" -}}{{ if or .Values.mail.host .Values.mail.existingSecret }}yes{{ end }}{{- end -}}

{{/* An environment variable out of a Secret: include "shema.fromSecret" (list "NAME" "secret" "key"). */}}
{{- define "shema.fromSecret" -}}
- name: {{ index . 0 }}
  valueFrom: {secretKeyRef: {name: {{ index . 1 }}, key: {{ index . 2 }}}}
{{- end -}}

{{/* What Pod Security "restricted" asks of a pod and of a container, and a little more. */}}
{{- define "shema.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}
{{- define "shema.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}
