{{/* The pod of one program: include "shema.pod" (dict "root" $ "key" "gateway" "app" <entry of shema.apps>). */}}
{{- define "shema.pod" -}}
{{- $root := .root -}}{{- $app := .app -}}
{{- $settings := include "shema.settings" . | fromJson -}}
metadata:
  labels:
    {{- include "shema.labels" (dict "root" $root "id" $app.id) | nindent 4 }}
  annotations:
    kubectl.kubernetes.io/default-container: {{ $app.id }}
    {{- if $app.sidecar }}
    {{- include "shema.sidecar" . | nindent 4 }}
    {{- end }}
    {{- include "shema.checksums" . | nindent 4 }}
    {{- with $settings.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ $app.id }}
  automountServiceAccountToken: {{ not $app.sidecar }}
  enableServiceLinks: false
  securityContext:
    {{- include "shema.podSecurity" . | nindent 4 }}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $settings.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $settings.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $settings.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $settings.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $settings.topologySpread }}
  topologySpreadConstraints:
    {{- range . }}
    - {{- toYaml . | nindent 6 }}
      labelSelector:
        matchLabels:
          {{- include "shema.selectorLabels" (dict "id" $app.id) | nindent 10 }}
    {{- end }}
  {{- end }}
  terminationGracePeriodSeconds: {{ add (include "shema.lastCall" $root) $root.Values.shutdown.timeoutSeconds 10 }}
  initContainers:
    # No program serves from tables that are older than the program, and no sidecar begins before its pod reaches Redis: policies let
    # a new pod through some seconds after its start, and a sidecar that finds Redis closed ends.
    - name: await-stores
      image: {{ include "shema.image" . }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      {{- if $app.sidecar }}
      args: [await-stores, $(REDIS_ADDRESS)]
      {{- else }}
      args: [await-migrations]
      {{- end }}
      env:
        {{- if $app.sidecar }}
        {{- include "shema.fromSecret" (list "REDIS_ADDRESS" (include "shema.redisSecret" $root) "host") | nindent 8 }}
        {{- end }}
        {{- if ne .key "gateway" }}
        {{- include "shema.fromSecret" (list "DATABASE_URL" (include "shema.postgresSecret" $root) $app.id) | nindent 8 }}
        {{- end }}
      securityContext:
        {{- include "shema.containerSecurity" . | nindent 8 }}
      resources:
        {{- toYaml $settings.resources | nindent 8 }}
  containers:
    - name: {{ $app.id }}
      image: {{ include "shema.image" . }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      env:
        {{- include "shema.environment" . | nindent 8 }}
        {{- with $settings.env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        - {name: http, containerPort: {{ $app.port }}}
        - {name: metrics, containerPort: {{ add $app.port 6000 }}}
      {{- include "shema.probes" . | nindent 6 }}
      {{- if $app.sidecar }}
      lifecycle:
        # The sidecar takes leave of its callers first, while there is still a program behind it.
        preStop: {sleep: {seconds: {{ include "shema.lastCall" $root }}}}
      {{- end }}
      securityContext:
        {{- include "shema.containerSecurity" . | nindent 8 }}
      resources:
        {{- toYaml $settings.resources | nindent 8 }}
      {{- if $app.sidecar }}
      volumeMounts:
        - {name: keys, mountPath: /etc/shema, readOnly: true}
      {{- end }}
  {{- if $app.sidecar }}
  volumes:
    - name: keys
      secret:
        secretName: {{ include "shema.secret" $root }}
        defaultMode: 0440
        items:
          - {key: jwks.json, path: jwks.json}
          {{- if eq .key "auth" }}
          - {key: jwt-private-key.pem, path: jwt-private-key.pem}
          {{- end }}
  {{- end }}
{{- end -}}

{{/* Seconds until the program itself is told to end: a little after its sidecar has. */}}
{{- define "shema.lastCall" -}}{{ add .Values.shutdown.drainSeconds 5 }}{{- end -}}

{{/* Makes pods new when what they read only at their start has changed. */}}
{{- define "shema.checksums" -}}
shema.music/settings: {{ list .root.Values.postgres .root.Values.redis .root.Values.mail .root.Values.secrets .root.Values.dapr | toJson | sha256sum | trunc 16 | quote }}
shema.music/components: {{ (.root.Files.Glob "files/components/**.yaml").AsConfig | sha256sum | trunc 16 | quote }}
{{- end -}}

{{/* Annotations by which Dapr adds the sidecar. */}}
{{- define "shema.sidecar" -}}
{{- $values := .root.Values -}}
dapr.io/enabled: "true"
dapr.io/app-id: {{ .app.id }}
dapr.io/app-port: {{ .app.port | quote }}
dapr.io/config: {{ .app.id }}
dapr.io/app-token-secret: dapr-app-token-{{ .app.id }}
dapr.io/api-token-secret: dapr-api-token-{{ .app.id }}
# While the app can't work, nothing is handed to it: events wait in their streams.
dapr.io/enable-app-health-check: "true"
dapr.io/app-health-check-path: /readyz
dapr.io/app-health-probe-interval: "1"
dapr.io/app-health-probe-timeout: "900"
dapr.io/app-health-threshold: "4"
# Subscriptions are declared, so the app isn't asked for them.
dapr.io/disable-init-endpoints: config,subscribe
dapr.io/disable-builtin-k8s-secret-store: "true"
dapr.io/read-buffer-size: 16Ki
dapr.io/block-shutdown-duration: {{ $values.shutdown.drainSeconds }}s
dapr.io/graceful-shutdown-seconds: {{ add $values.shutdown.timeoutSeconds 5 | quote }}
dapr.io/sidecar-seccomp-profile-type: RuntimeDefault
{{- with $values.dapr.image }}
dapr.io/sidecar-image: {{ . }}
{{- end }}
dapr.io/log-as-json: "true"
dapr.io/log-level: {{ $values.dapr.logLevel }}
{{- with $values.otlpEndpoint }}
dapr.io/env: OTEL_EXPORTER_OTLP_ENDPOINT={{ . }},OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
{{- end }}
{{- range $kind, $amounts := $values.dapr.resources }}
{{- range $resource, $amount := $amounts }}
dapr.io/sidecar-{{ $resource }}-{{ trimSuffix "s" $kind }}: {{ $amount | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
When a program has begun, works, and lives. It counts as working a moment after it says so: its sidecar, which looks each
second, lets calls through only then.
*/}}
{{- define "shema.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 1
  failureThreshold: 60
readinessProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: 2
  timeoutSeconds: 3
  successThreshold: 2
livenessProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end -}}
